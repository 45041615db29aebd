package io.tallymq.amqp.wire;

import io.netty.buffer.ByteBuf;

/** Class 50: queues. */
public sealed interface QueueMethod extends Method {
    /** An empty name asks for a name made by the server. */
    record Declare(
            String queue,
            boolean passive,
            boolean durable,
            boolean exclusive,
            boolean autoDelete,
            boolean noWait,
            FieldTable arguments)
            implements QueueMethod {
        static Declare read(WireReader in) throws WireException {
            in.shortUint();
            String queue = in.shortString();
            int bits = in.bits();
            FieldTable arguments = in.table();
            return new Declare(
                    queue,
                    (bits & 1) != 0,
                    (bits & 2) != 0,
                    (bits & 4) != 0,
                    (bits & 8) != 0,
                    (bits & 16) != 0,
                    arguments);
        }

        @Override
        public MethodId id() {
            return MethodId.QUEUE_DECLARE;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            WireWriter.ticket(out);
            WireWriter.shortString(out, queue);
            WireWriter.bits(out, passive, durable, exclusive, autoDelete, noWait);
            arguments.encode(out);
        }
    }

    /** The message count is that of the ready messages. */
    record DeclareOk(String queue, long messageCount, long consumerCount) implements QueueMethod {
        static DeclareOk read(WireReader in) throws WireException {
            return new DeclareOk(in.shortString(), in.longUint(), in.longUint());
        }

        @Override
        public MethodId id() {
            return MethodId.QUEUE_DECLARE_OK;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            WireWriter.shortString(out, queue);
            out.writeInt((int) messageCount);
            out.writeInt((int) consumerCount);
        }
    }

    /** An empty queue name is the last one declared on the channel. */
    record Bind(String queue, String exchange, String routingKey, boolean noWait, FieldTable arguments)
            implements QueueMethod {
        static Bind read(WireReader in) throws WireException {
            in.shortUint();
            String queue = in.shortString();
            String exchange = in.shortString();
            String routingKey = in.shortString();
            boolean noWait = in.bit();
            FieldTable arguments = in.table();
            return new Bind(queue, exchange, routingKey, noWait, arguments);
        }

        @Override
        public MethodId id() {
            return MethodId.QUEUE_BIND;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            WireWriter.ticket(out);
            WireWriter.shortString(out, queue);
            WireWriter.shortString(out, exchange);
            WireWriter.shortString(out, routingKey);
            out.writeBoolean(noWait);
            arguments.encode(out);
        }
    }

    record BindOk() implements QueueMethod {

        @Override
        public MethodId id() {
            return MethodId.QUEUE_BIND_OK;
        }

        @Override
        public void writeArguments(ByteBuf out) {}
    }

    /** The only method of its kind without a no-wait bit. */
    record Unbind(String queue, String exchange, String routingKey, FieldTable arguments) implements QueueMethod {
        static Unbind read(WireReader in) throws WireException {
            in.shortUint();
            String queue = in.shortString();
            String exchange = in.shortString();
            String routingKey = in.shortString();
            FieldTable arguments = in.table();
            return new Unbind(queue, exchange, routingKey, arguments);
        }

        @Override
        public MethodId id() {
            return MethodId.QUEUE_UNBIND;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            WireWriter.ticket(out);
            WireWriter.shortString(out, queue);
            WireWriter.shortString(out, exchange);
            WireWriter.shortString(out, routingKey);
            arguments.encode(out);
        }
    }

    record UnbindOk() implements QueueMethod {

        @Override
        public MethodId id() {
            return MethodId.QUEUE_UNBIND_OK;
        }

        @Override
        public void writeArguments(ByteBuf out) {}
    }

    record Purge(String queue, boolean noWait) implements QueueMethod {
        static Purge read(WireReader in) throws WireException {
            in.shortUint();
            String queue = in.shortString();
            boolean noWait = in.bit();
            return new Purge(queue, noWait);
        }

        @Override
        public MethodId id() {
            return MethodId.QUEUE_PURGE;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            WireWriter.ticket(out);
            WireWriter.shortString(out, queue);
            out.writeBoolean(noWait);
        }
    }

    record PurgeOk(long messageCount) implements QueueMethod {
        static PurgeOk read(WireReader in) throws WireException {
            return new PurgeOk(in.longUint());
        }

        @Override
        public MethodId id() {
            return MethodId.QUEUE_PURGE_OK;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            out.writeInt((int) messageCount);
        }
    }

    record Delete(String queue, boolean ifUnused, boolean ifEmpty, boolean noWait) implements QueueMethod {
        static Delete read(WireReader in) throws WireException {
            in.shortUint();
            String queue = in.shortString();
            int bits = in.bits();
            return new Delete(queue, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0);
        }

        @Override
        public MethodId id() {
            return MethodId.QUEUE_DELETE;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            WireWriter.ticket(out);
            WireWriter.shortString(out, queue);
            WireWriter.bits(out, ifUnused, ifEmpty, noWait);
        }
    }

    record DeleteOk(long messageCount) implements QueueMethod {
        static DeleteOk read(WireReader in) throws WireException {
            return new DeleteOk(in.longUint());
        }

        @Override
        public MethodId id() {
            return MethodId.QUEUE_DELETE_OK;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            out.writeInt((int) messageCount);
        }
    }
}
