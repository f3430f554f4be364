import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** What is kept of an account, and how an event changes it: work.md. */
final class Account {
    static final int DAY_S = 86_400;
    static final int BUCKETS = 90;
    static final int FEATURES_MIN = 8;
    static final double HALF_LIFE_S = 14.0 * DAY_S;

    int day;
    final int[] days = new int[BUCKETS];
    final Map<String, Integer> features = new HashMap<>();
    final Map<String, Integer> users = new HashMap<>();
    double score;
    double at;
    boolean over;
    int triggers;

    /** Whether the event triggers. */
    boolean fold(Track event) {
        double now = event.at().toEpochMilli() / 1_000.0;
        int second = (int) now;
        int today = second / DAY_S;
        if (today > day) {
            turn(today);
        }
        days[today % BUCKETS]++;
        features.put(event.properties().feature(), second);
        users.put(event.userId(), second);
        score = score * Math.pow(0.5, (now - at) / HALF_LIFE_S) + 1.0;
        at = now;
        boolean was = over;
        over = features.size() >= FEATURES_MIN;
        if (!over || was) {
            return false;
        }
        triggers++;
        return true;
    }

    private void turn(int today) {
        for (int passed = Math.max(day + 1, today - BUCKETS + 1); passed <= today; passed++) {
            days[passed % BUCKETS] = 0;
        }
        day = today;
        int oldest = (today - BUCKETS + 1) * DAY_S;
        features.values().removeIf(second -> second < oldest);
        users.values().removeIf(second -> second < oldest);
    }

    /** A compact form of our own: JSON would cost more than all the rest. */
    static Serde<Account> serde() {
        return Serdes.serdeFrom((topic, account) -> account == null ? null : account.written(),
            (topic, bytes) -> bytes == null ? null : read(bytes));
    }

    private byte[] written() {
        byte[][] names = new byte[features.size() + users.size()][];
        int size = 4 + 2 * BUCKETS + 8 + 8 + 1 + 4 + 4 + 4;
        int n = 0;
        for (Map<String, Integer> seen : List.of(features, users)) {
            for (String name : seen.keySet()) {
                names[n] = name.getBytes(StandardCharsets.UTF_8);
                size += 2 + names[n++].length + 4;
            }
        }
        ByteBuffer to = ByteBuffer.allocate(size);
        to.putInt(day);
        for (int count : days) {
            to.putShort((short) count);
        }
        to.putDouble(score).putDouble(at).put((byte) (over ? 1 : 0)).putInt(triggers);
        n = 0;
        for (Map<String, Integer> seen : List.of(features, users)) {
            to.putInt(seen.size());
            for (Integer second : seen.values()) {
                to.putShort((short) names[n].length).put(names[n++]).putInt(second);
            }
        }
        return to.array();
    }

    private static Account read(byte[] bytes) {
        ByteBuffer from = ByteBuffer.wrap(bytes);
        Account account = new Account();
        account.day = from.getInt();
        for (int i = 0; i < BUCKETS; i++) {
            account.days[i] = from.getShort();
        }
        account.score = from.getDouble();
        account.at = from.getDouble();
        account.over = from.get() != 0;
        account.triggers = from.getInt();
        for (Map<String, Integer> seen : List.of(account.features, account.users)) {
            for (int left = from.getInt(); left > 0; left--) {
                int length = from.getShort();
                String name = new String(bytes, from.position(), length, StandardCharsets.UTF_8);
                from.position(from.position() + length);
                seen.put(name, from.getInt());
            }
        }
        return account;
    }
}
