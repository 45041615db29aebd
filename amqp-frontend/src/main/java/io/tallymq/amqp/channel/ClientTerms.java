package io.tallymq.amqp.channel;

import io.tallymq.amqp.wire.FieldTable;

/**
 * What the handshake settled.
 *
 * @param frameMax bytes of a whole frame
 * @param heartbeat seconds, 0 for none
 */
public record ClientTerms(
        String user, String vhost, int channelMax, int frameMax, int heartbeat, Capabilities capabilities) {
    /**
     * What the client says it can do, out of client-properties.capabilities.
     *
     * @param qosOfChannel not said but known: it means the channel by each basic.qos, as the specification does and RabbitMQ does not
     */
    public record Capabilities(
            boolean consumerCancelNotify,
            boolean connectionBlocked,
            boolean authenticationFailureClose,
            boolean confirmReasons,
            boolean qosOfChannel) {
        /** Those of a client that says nothing. */
        public static final Capabilities NONE = new Capabilities(false, false, false, false, false);

        /**
         * Kombu looks at the server's product: with RabbitMQ it sets global for a limit of the channel, with all others it does not. Celery
         * raises that limit for each task it keeps for later, and a worker would stand still if its running consumers heard nothing of it.
         */
        private static final String KOMBU = "py-amqp";

        /** What is not said, or is no boolean, counts as false. */
        public static Capabilities of(FieldTable clientProperties) {
            FieldTable stated = clientProperties.getTable("capabilities");
            FieldTable table = stated == null ? FieldTable.EMPTY : stated;
            return new Capabilities(
                    table.getBoolean("consumer_cancel_notify", false),
                    table.getBoolean("connection.blocked", false),
                    table.getBoolean("authentication_failure_close", false),
                    table.getBoolean("confirm_reasons", false),
                    KOMBU.equals(clientProperties.getString("product")));
        }
    }
}
