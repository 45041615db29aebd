package io.tallymq.node.proof.lanes;

import com.rabbitmq.client.AMQP.BasicProperties;
import io.tallymq.node.proof.load.Letters.Letter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** How a publish is named, of which a producer and a number are known here, and where its receipt is. */
interface Naming {
    /** By the headers of names. */
    Naming BY_NAME = new Naming() {
        @Override
        public BasicProperties properties(String producer, long number) {
            return Letter.with(NamesLane.headers(producer, number));
        }

        @Override
        public BasicProperties toVoid(String producer, long number) {
            return properties(producer, number);
        }

        @Override
        public String queue(String producer, long number) {
            return "amq.receipt." + producer + "." + number;
        }

        @Override
        public String path(String producer, long number) {
            return "receipts/%2F/" + encoded(producer) + "/" + number;
        }

        @Override
        public String voidPath(String producer, long number) {
            return path(producer, number) + "/void";
        }
    };

    /** By the message-id, as an exchange remembers it: the producer, a dot, and the number. */
    static Naming byId(String exchange) {
        return new Naming() {
            @Override
            public BasicProperties properties(String producer, long number) {
                return Letter.with(Map.of())
                        .builder()
                        .messageId(producer + "." + number)
                        .build();
            }

            @Override
            public BasicProperties toVoid(String producer, long number) {
                return Letter.with(Map.of("x-publish-exchange", exchange, "x-publish-id", producer + "." + number));
            }

            @Override
            public String queue(String producer, long number) {
                return "amq.receipt.id." + exchange + "." + producer + "." + number;
            }

            @Override
            public String path(String producer, long number) {
                return "receipts/%2F" + query(producer, number);
            }

            @Override
            public String voidPath(String producer, long number) {
                return "receipts/%2F/void" + query(producer, number);
            }

            private String query(String producer, long number) {
                return "?exchange=" + encoded(exchange) + "&id=" + encoded(producer + "." + number);
            }
        };
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** Of the message. */
    BasicProperties properties(String producer, long number);

    /** Of a publish to amq.receipt that makes it void. */
    BasicProperties toVoid(String producer, long number);

    /** From which basic.get takes its receipt. */
    String queue(String producer, long number);

    /** The receipt's, below /api. */
    String path(String producer, long number);

    /** The same, to make it void. */
    String voidPath(String producer, long number);
}
