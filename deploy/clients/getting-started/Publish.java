// Maven: com.rabbitmq:amqp-client. One file: java -cp amqp-client.jar:slf4j-api.jar Publish.java
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import java.nio.charset.StandardCharsets;

public class Publish {
    public static void main(String[] args) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(System.getenv().getOrDefault("AMQP_URL", "amqp://guest:guest@127.0.0.1:5672/%2F"));
        try (Connection connection = factory.newConnection();
                Channel channel = connection.createChannel()) {
            channel.queueDeclare("hello-java", true, false, false, null);
            channel.confirmSelect();
            byte[] body = "one tally stick".getBytes(StandardCharsets.UTF_8);
            channel.basicPublish("", "hello-java", true, MessageProperties.PERSISTENT_BASIC, body);
            channel.waitForConfirmsOrDie(30_000); // throws when the broker nacks
            System.out.println("confirmed");

            GetResponse message = channel.basicGet("hello-java", false);
            channel.basicAck(message.getEnvelope().getDeliveryTag(), false);
            System.out.println("got " + new String(message.getBody(), StandardCharsets.UTF_8));
        }
    }
}
