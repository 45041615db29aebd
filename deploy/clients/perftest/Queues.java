import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;

/** Prints how many messages wait in each of the queues, "absent" where there is none, and deletes them: Queues URI QUEUE... */
class Queues {
    public static void main(String[] args) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(args[0]);
        try (Connection connection = factory.newConnection()) {
            for (int i = 1; i < args.length; i++) {
                System.out.println(args[i] + " " + take(connection, args[i]));
            }
        }
    }

    private static String take(Connection connection, String queue) throws IOException {
        Channel channel = connection.createChannel(); // its own: an absent queue closes it
        try {
            long waiting = channel.messageCount(queue);
            channel.queueDelete(queue);
            return String.valueOf(waiting);
        } catch (IOException e) {
            return "absent";
        }
    }
}
