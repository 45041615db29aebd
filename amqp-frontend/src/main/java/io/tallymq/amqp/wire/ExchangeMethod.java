package io.tallymq.amqp.wire;

import io.netty.buffer.ByteBuf;

/** Class 40: exchanges, with RabbitMQ's bindings between exchanges. */
public sealed interface ExchangeMethod extends Method {

    /** The bits of declare. With passive the others say nothing. */
    record Flags(boolean passive, boolean durable, boolean autoDelete, boolean internal, boolean noWait) {}

    record Declare(String exchange, String type, Flags flags, FieldTable arguments) implements ExchangeMethod {
        static Declare read(WireReader in) throws WireException {
            in.shortUint();
            String exchange = in.shortString();
            String type = in.shortString();
            int bits = in.bits();
            Flags flags =
                    new Flags((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, (bits & 16) != 0);
            return new Declare(exchange, type, flags, in.table());
        }

        @Override
        public MethodId id() {
            return MethodId.EXCHANGE_DECLARE;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            WireWriter.ticket(out);
            WireWriter.shortString(out, exchange);
            WireWriter.shortString(out, type);
            WireWriter.bits(out, flags.passive, flags.durable, flags.autoDelete, flags.internal, flags.noWait);
            arguments.encode(out);
        }
    }

    record DeclareOk() implements ExchangeMethod {

        @Override
        public MethodId id() {
            return MethodId.EXCHANGE_DECLARE_OK;
        }

        @Override
        public void writeArguments(ByteBuf out) {}
    }

    record Delete(String exchange, boolean ifUnused, boolean noWait) implements ExchangeMethod {
        static Delete read(WireReader in) throws WireException {
            in.shortUint();
            String exchange = in.shortString();
            int bits = in.bits();
            return new Delete(exchange, (bits & 1) != 0, (bits & 2) != 0);
        }

        @Override
        public MethodId id() {
            return MethodId.EXCHANGE_DELETE;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            WireWriter.ticket(out);
            WireWriter.shortString(out, exchange);
            WireWriter.bits(out, ifUnused, noWait);
        }
    }

    record DeleteOk() implements ExchangeMethod {

        @Override
        public MethodId id() {
            return MethodId.EXCHANGE_DELETE_OK;
        }

        @Override
        public void writeArguments(ByteBuf out) {}
    }

    /** RabbitMQ extension. */
    record Bind(String destination, String source, String routingKey, boolean noWait, FieldTable arguments)
            implements ExchangeMethod {
        static Bind read(WireReader in) throws WireException {
            in.shortUint();
            String destination = in.shortString();
            String source = in.shortString();
            String routingKey = in.shortString();
            boolean noWait = in.bit();
            FieldTable arguments = in.table();
            return new Bind(destination, source, routingKey, noWait, arguments);
        }

        @Override
        public MethodId id() {
            return MethodId.EXCHANGE_BIND;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            WireWriter.ticket(out);
            WireWriter.shortString(out, destination);
            WireWriter.shortString(out, source);
            WireWriter.shortString(out, routingKey);
            out.writeBoolean(noWait);
            arguments.encode(out);
        }
    }

    /** RabbitMQ extension. */
    record BindOk() implements ExchangeMethod {

        @Override
        public MethodId id() {
            return MethodId.EXCHANGE_BIND_OK;
        }

        @Override
        public void writeArguments(ByteBuf out) {}
    }

    /** RabbitMQ extension. */
    record Unbind(String destination, String source, String routingKey, boolean noWait, FieldTable arguments)
            implements ExchangeMethod {
        static Unbind read(WireReader in) throws WireException {
            in.shortUint();
            String destination = in.shortString();
            String source = in.shortString();
            String routingKey = in.shortString();
            boolean noWait = in.bit();
            FieldTable arguments = in.table();
            return new Unbind(destination, source, routingKey, noWait, arguments);
        }

        @Override
        public MethodId id() {
            return MethodId.EXCHANGE_UNBIND;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            WireWriter.ticket(out);
            WireWriter.shortString(out, destination);
            WireWriter.shortString(out, source);
            WireWriter.shortString(out, routingKey);
            out.writeBoolean(noWait);
            arguments.encode(out);
        }
    }

    /** RabbitMQ extension. Its id is 51, not 41. */
    record UnbindOk() implements ExchangeMethod {

        @Override
        public MethodId id() {
            return MethodId.EXCHANGE_UNBIND_OK;
        }

        @Override
        public void writeArguments(ByteBuf out) {}
    }
}
