package io.tallymq.amqp.config;

import io.tallymq.amqp.wire.FieldTable;

/**
 * What connection.start tells clients about the server. There are clients that refuse to start with a version which is no three numbers, or
 * lower ones than those of a RabbitMQ that can what they need: so the version is RabbitMQ's, and the program's own has its own name.
 *
 * @param product which some clients look at to know whose extensions they meet
 * @param version of the RabbitMQ whose clients are at home here, three numbers with points
 * @param own the program's version
 * @param cluster the cluster's name
 */
public record ServerIdentity(String product, String version, String own, String cluster) {
    private static final String COPYRIGHT = "Copyright the authors of TallyMQ";
    private static final String INFORMATION = "Licensed under the Apache License 2.0";

    /** The server-properties of connection.start, capabilities included: only what works is advertised. */
    public FieldTable properties() {
        FieldTable capabilities = FieldTable.builder()
                .put("publisher_confirms", true)
                .put("exchange_exchange_bindings", true)
                .put("basic.nack", true)
                .put("consumer_cancel_notify", true)
                .put("connection.blocked", true)
                .put("authentication_failure_close", true)
                .put("consumer_priorities", true)
                .put("per_consumer_qos", true)
                .put("direct_reply_to", true)
                .put("confirm_reasons", true)
                .build();
        return FieldTable.builder()
                .put("capabilities", capabilities)
                .put("cluster_name", cluster)
                .put("copyright", COPYRIGHT)
                .put("information", INFORMATION)
                .put("platform", "Java " + Runtime.version().feature())
                .put("product", product)
                .put("tallymq_version", own)
                .put("version", version)
                .build();
    }
}
