package io.tallymq.amqp.config;

/**
 * How one node serves AMQP clients.
 *
 * @param host address to listen on
 * @param port port to listen on; 0 lets the operating system choose
 * @param protocol what a client may ask for
 * @param flow how much is held for slow clients
 * @param identity what clients are told about this server
 */
public record AmqpServerConfig(
        String host, int port, ProtocolLimits protocol, FlowLimits flow, ServerIdentity identity) {
    /** The port registered for AMQP. */
    public static final int DEFAULT_PORT = 5672;

    public AmqpServerConfig {
        if (port < -1 || port > 65_535) {
            throw new IllegalArgumentException("the AMQP port has to be -1 to 65535: " + port);
        }
    }

    /** All defaults, on all addresses. */
    public static AmqpServerConfig defaults(ServerIdentity identity) {
        return new AmqpServerConfig(
                "0.0.0.0", DEFAULT_PORT, ProtocolLimits.defaults(), FlowLimits.defaults(), identity);
    }

    public AmqpServerConfig withAddress(String newHost, int newPort) {
        return new AmqpServerConfig(newHost, newPort, protocol, flow, identity);
    }

    public AmqpServerConfig withProtocol(ProtocolLimits limits) {
        return new AmqpServerConfig(host, port, limits, flow, identity);
    }

    public AmqpServerConfig withFlow(FlowLimits limits) {
        return new AmqpServerConfig(host, port, protocol, limits, identity);
    }
}
