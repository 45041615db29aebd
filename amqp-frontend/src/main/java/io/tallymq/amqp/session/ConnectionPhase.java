package io.tallymq.amqp.session;

/** Where the connection stands; the text is how RabbitMQ's tools call it. */
enum ConnectionPhase {
    STARTING("starting"),
    TUNING("tuning"),
    OPENING("opening"),
    RUNNING("running"),
    /** We sent connection.close, or the client did: what comes is ignored. */
    CLOSING("closing"),
    CLOSED("closed");

    private final String text;

    ConnectionPhase(String text) {
        this.text = text;
    }

    String text() {
        return text;
    }
}
