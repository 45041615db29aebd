package io.tallymq.amqp.session;

import io.tallymq.amqp.wire.FieldTable;

/**
 * What the handshake settled.
 *
 * @param frameMax bytes of a whole frame
 * @param heartbeat seconds, 0 for none
 */
record ClientTerms(String user, String vhost, int channelMax, int frameMax, int heartbeat, Capabilities capabilities) {
    /** What the client says it can do, out of client-properties.capabilities. */
    record Capabilities(
            boolean consumerCancelNotify,
            boolean connectionBlocked,
            boolean authenticationFailureClose,
            boolean confirmReasons) {
        static final Capabilities NONE = new Capabilities(false, false, false, false);

        static Capabilities of(FieldTable clientProperties) {
            FieldTable table = clientProperties.getTable("capabilities");
            if (table == null) {
                return NONE;
            }
            return new Capabilities(
                    table.getBoolean("consumer_cancel_notify", false),
                    table.getBoolean("connection.blocked", false),
                    table.getBoolean("authentication_failure_close", false),
                    table.getBoolean("confirm_reasons", false));
        }
    }
}
