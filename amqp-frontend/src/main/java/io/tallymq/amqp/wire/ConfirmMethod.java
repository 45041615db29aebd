package io.tallymq.amqp.wire;

import io.netty.buffer.ByteBuf;

/** Class 85: publisher confirms, a RabbitMQ extension. */
public sealed interface ConfirmMethod extends Method {
    record Select(boolean noWait) implements ConfirmMethod {
        static Select read(WireReader in) throws WireException {
            return new Select(in.bit());
        }

        @Override
        public MethodId id() {
            return MethodId.CONFIRM_SELECT;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            out.writeBoolean(noWait);
        }
    }

    record SelectOk() implements ConfirmMethod {

        @Override
        public MethodId id() {
            return MethodId.CONFIRM_SELECT_OK;
        }

        @Override
        public void writeArguments(ByteBuf out) {}
    }
}
