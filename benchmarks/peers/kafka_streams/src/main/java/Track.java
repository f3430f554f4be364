import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;

/** A Segment `track` message, validated as work.md says. */
@JsonIgnoreProperties(ignoreUnknown = true)
record Track(String type, String event, String messageId, String userId, Context context, String timestamp,
    String receivedAt, Properties properties, Instant at) {

    private static final int TEXT_CHARS_MAX = 256;
    private static final ObjectReader READER = new ObjectMapper().readerFor(Track.class);

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Context(String groupId) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Properties(String feature) {}

    static Track validated(byte[] value) {
        Track read;
        try {
            read = READER.readValue(value);
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
        if (!"track".equals(read.type) || read.context == null || read.properties == null) {
            throw new IllegalArgumentException("not a track call of an account with properties");
        }
        text(read.event);
        text(read.messageId);
        text(read.userId);
        text(read.context.groupId);
        text(read.properties.feature);
        Instant.parse(read.receivedAt);
        return new Track(read.type, read.event, read.messageId, read.userId, read.context, read.timestamp, read.receivedAt,
            read.properties, Instant.parse(read.timestamp));
    }

    private static void text(String given) {
        if (given == null || given.isEmpty() || given.length() > TEXT_CHARS_MAX) {
            throw new IllegalArgumentException("a text of 1 to " + TEXT_CHARS_MAX + " characters is missing: " + given);
        }
    }
}
