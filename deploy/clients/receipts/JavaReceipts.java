// Exactly once with RabbitMQ's Java client: publishes messages that have names, loses its connections on purpose and before it has heard all confirms,
// publishes again what had no answer, asks for the receipts, and proves that each message is in the queue once.
//
//   java -cp amqp-client.jar:slf4j-api.jar JavaReceipts.java [--messages N] [--kill PID] --uri URI...
//       [--url http://guest:guest@HOST:PORT]
//
// Maven: com.rabbitmq:amqp-client. URIs are taken in turns. With --url, a node's HTTP API, every other connection is closed by an administrator. With
// --kill the process PID, the first URI's node, is killed half-way.
// Prints PASS or FAIL per check, exits with 1 if one failed.
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

public class JavaReceipts {
    private static final int WINDOW = 200; // publishes without an answer

    private final List<String> uris = new ArrayList<>();
    private final String queue = "receipts-" + UUID.randomUUID();
    private final String producer = "recipe-" + UUID.randomUUID();
    private final Random random = new Random();
    private URI url;
    /** The process that is killed half-way; 0 for none. */
    private long victim;

    private int messages = 10_000;
    private boolean failed;

    /** Those that had no answer, by number. */
    private final ConcurrentSkipListMap<Long, byte[]> open = new ConcurrentSkipListMap<>();

    private long last;
    private int sessions;
    private int lost;
    private int again;

    public static void main(String[] args) throws Exception {
        JavaReceipts recipe = new JavaReceipts();
        for (int i = 0; i < args.length; i += 2) {
            switch (args[i]) {
                case "--uri" -> recipe.uris.add(args[i + 1]);
                case "--url" -> recipe.url = URI.create(args[i + 1]);
                case "--kill" -> recipe.victim = Long.parseLong(args[i + 1]);
                case "--messages" -> recipe.messages = Integer.parseInt(args[i + 1]);
                default -> throw new IllegalArgumentException(args[i] + " is not an option");
            }
        }
        recipe.run();
        System.exit(recipe.failed ? 1 : 0);
    }

    private void run() throws Exception {
        while (last < messages || !open.isEmpty()) {
            try {
                session();
            } catch (IOException | ShutdownSignalException e) {
                lost++; // what had no answer is published again by the next session
            }
        }
        System.out.println(messages + " published, connections lost " + lost + " times, " + again + " published again");
        prove();
    }

    /** On one connection, which is lost after so many publishes. Its own recovery would not publish again: it is off. */
    private void session() throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(uris.get(sessions++ % uris.size()));
        factory.setAutomaticRecoveryEnabled(false);
        Socket[] socket = new Socket[1];
        factory.setSocketConfigurator(s -> {
            s.setTcpNoDelay(true);
            socket[0] = s;
        });
        Connection connection = factory.newConnection("JavaReceipts " + sessions);
        try {
            Channel channel = connection.createChannel();
            channel.queueDeclare(queue, true, false, false, null);
            publish(channel, socket[0]);
        } finally {
            connection.abort(5_000);
        }
    }

    private void publish(Channel channel, Socket socket) throws Exception {
        TreeMap<Long, Long> tags = new TreeMap<>(); // of this channel's confirms: to numbers
        Semaphore room = new Semaphore(WINDOW);
        channel.confirmSelect();
        channel.addConfirmListener(
                (tag, multiple) -> answered(tags, tag, multiple, true, room),
                (tag, multiple) -> answered(tags, tag, multiple, false, room));
        ArrayDeque<Long> todo = new ArrayDeque<>(open.keySet());
        again += todo.size();
        int until = 300 + random.nextInt(900);
        for (int published = 1; last < messages || !todo.isEmpty(); published++) {
            while (!room.tryAcquire(100, TimeUnit.MILLISECONDS)) {
                if (!channel.isOpen()) {
                    throw channel.getCloseReason();
                }
            }
            long number = todo.isEmpty() ? ++last : todo.poll();
            byte[] body = open.computeIfAbsent(number, n -> Long.toString(n).getBytes(StandardCharsets.US_ASCII));
            synchronized (tags) {
                tags.put(channel.getNextPublishSeqNo(), number);
            }
            var name = Map.<String, Object>of("x-producer-id", producer, "x-publish-seq", number);
            channel.basicPublish("", queue, new AMQP.BasicProperties.Builder().deliveryMode(2).headers(name).build(), body);
            if (victim != 0 && last > messages / 2) {
                ProcessHandle.of(victim).ifPresent(ProcessHandle::destroyForcibly);
                victim = 0;
            }
            if (published == until && messages - last > WINDOW) {
                lose(socket);
            }
        }
        while (room.availablePermits() < WINDOW) {
            if (!channel.isOpen()) {
                throw channel.getCloseReason();
            }
            Thread.sleep(5);
        }
    }

    private void answered(TreeMap<Long, Long> tags, long tag, boolean multiple, boolean confirmed, Semaphore room) {
        synchronized (tags) {
            var answered = multiple ? tags.headMap(tag, true) : tags.subMap(tag, true, tag, true);
            if (confirmed) {
                answered.values().forEach(open::remove); // else it stays, and is published again
            }
            room.release(answered.size());
            answered.clear();
        }
    }

    // ---- as if the cable was cut, or somebody pressed the button

    private void lose(Socket socket) throws Exception {
        if (url == null || sessions % 2 == 0 || !closeOverHttp(socket.getLocalPort())) {
            socket.close();
        }
    }

    private boolean closeOverHttp(int port) throws Exception {
        Matcher name = Pattern.compile("\"name\" ?: ?\"([^\"]*:" + port + " -> [^\"]*)\"").matcher(http("GET", "/api/connections").body());
        if (!name.find()) {
            return false;
        }
        String path = URLEncoder.encode(name.group(1), StandardCharsets.UTF_8).replace("+", "%20");
        return http("DELETE", "/api/connections/" + path).statusCode() == 204;
    }

    private HttpResponse<String> http(String method, String path) throws Exception {
        String login = Base64.getEncoder().encodeToString(url.getUserInfo().getBytes(StandardCharsets.UTF_8));
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + url.getHost() + ":" + url.getPort() + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .header("Authorization", "Basic " + login)
                .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    // ---- the proof

    private void check(boolean ok, String what) {
        System.out.println((ok ? "PASS " : "FAIL ") + what);
        failed |= !ok;
    }

    private void prove() throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(uris.get(uris.size() - 1));
        try (Connection connection = factory.newConnection()) {
            Channel channel = connection.createChannel();
            check(again > 0, "some had no answer and were published again");
            Map<String, Object> stored = receipt(channel, producer + "." + messages);
            check("stored".equals(stored.get("x-outcome").toString()) && Boolean.TRUE.equals(stored.get("x-final")), "the receipt of the last one says that it is stored");
            Map<String, Object> next = receipt(channel, producer + "." + (messages + 1));
            check("unseen".equals(next.get("x-outcome").toString()), "that of the next one that it has not come");
            check(Long.valueOf(messages).equals(receipt(channel, producer).get("x-last")), "the producer's last number is known");
            List<Long> seen = drain(channel);
            List<Long> all = new ArrayList<>();
            for (long i = 1; i <= messages; i++) {
                all.add(i);
            }
            check(seen.equals(all), "each message is in the queue once: " + seen.size());
            channel.queueDelete(queue);
        }
    }

    /** What is short in a receipt stands in its headers; the body has all of it, as JSON. */
    private static Map<String, Object> receipt(Channel channel, String of) throws IOException {
        return channel.basicGet("amq.receipt." + of, true).getProps().getHeaders();
    }

    private List<Long> drain(Channel channel) throws Exception {
        List<Long> seen = Collections.synchronizedList(new ArrayList<>());
        channel.basicConsume(queue, true, (tag, delivery) -> seen.add(Long.valueOf(new String(delivery.getBody(), StandardCharsets.US_ASCII))), tag -> {});
        for (int n = -1; n < seen.size() || channel.messageCount(queue) > 0; ) {
            n = seen.size();
            Thread.sleep(300);
        }
        Collections.sort(seen);
        return new ArrayList<>(seen);
    }
}
