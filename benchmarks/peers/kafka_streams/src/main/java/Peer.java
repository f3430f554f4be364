import java.nio.charset.StandardCharsets;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/** Kafka Streams: a processor with a cached, logged RocksDB store. Arguments are the settings that differ from the defaults. */
public final class Peer {
    private static final long EVENTS = Long.parseLong(System.getenv("PEERS_EVENTS"));

    /** Events in hand; there is one thread. */
    private static long seen;

    private static final class Keep implements Processor<String, byte[], String, byte[]> {
        private ProcessorContext<String, byte[]> context;
        private KeyValueStore<String, Account> accounts;

        @Override
        public void init(ProcessorContext<String, byte[]> given) {
            context = given;
            accounts = given.getStateStore("accounts");
        }

        @Override
        public void process(Record<String, byte[]> message) {
            if (seen++ == 0) {
                say("first");
            }
            Track event = Track.validated(message.value());
            String name = event.context().groupId();
            Account account = accounts.get(name);
            if (account == null) {
                account = new Account();
            }
            boolean triggers = account.fold(event);
            accounts.put(name, account);
            if (triggers) {
                String trigger = "{\"id\":\"" + name + ":" + account.triggers + "\",\"account\":\"" + name + "\",\"features\":"
                    + account.features.size() + ",\"score\":" + account.score + "}";
                context.forward(message.withValue(trigger.getBytes(StandardCharsets.UTF_8)));
            }
            if (seen == EVENTS) {
                say("last");
                context.commit();
            }
        }
    }

    /** Tell run.py that this event is in hand. */
    private static void say(String word) {
        System.out.println(word + " " + System.currentTimeMillis() / 1_000.0);
    }

    public static void main(String[] arguments) throws Exception {
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, System.getenv("PEERS_GROUP"));
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, System.getenv("PEERS_BOOTSTRAP"));
        settings.put(StreamsConfig.STATE_DIR_CONFIG, System.getenv("PEERS_DIRECTORY"));
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, "1");
        for (String argument : arguments) {
            String[] parts = argument.split("=", 2);
            settings.put(parts[0], parts[1]);
        }
        Topology topology = new Topology();
        topology.addSource("events", new StringDeserializer(), new ByteArrayDeserializer(), System.getenv("PEERS_TOPIC"));
        topology.addProcessor("keep", Keep::new, "events");
        topology.addStateStore(Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore("accounts"), Serdes.String(),
            Account.serde()).withCachingEnabled(), "keep");
        topology.addSink("triggers", System.getenv("PEERS_OUTPUTS"), new StringSerializer(), new ByteArraySerializer(), "keep");
        KafkaStreams streams = new KafkaStreams(topology, settings);
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
        Thread.currentThread().join();
    }
}
