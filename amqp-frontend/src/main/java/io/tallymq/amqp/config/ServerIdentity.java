package io.tallymq.amqp.config;

import io.tallymq.amqp.wire.FieldTable;

/**
 * What connection.start tells clients about the server.
 *
 * @param version of the product
 * @param cluster the cluster's name
 */
public record ServerIdentity(String version, String cluster) {
    private static final String PRODUCT = "TallyMQ";
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
                .put("product", PRODUCT)
                .put("version", version)
                .build();
    }
}
