package io.tallymq.amqp.wire;

import io.netty.buffer.ByteBuf;

/** Class 20: channels. */
public sealed interface ChannelMethod extends Method {
    record Open() implements ChannelMethod {
        static Open read(WireReader in) throws WireException {
            in.skipShortString();
            return new Open();
        }

        @Override
        public MethodId id() {
            return MethodId.CHANNEL_OPEN;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            out.writeByte(0);
        }
    }

    record OpenOk() implements ChannelMethod {
        static OpenOk read(WireReader in) throws WireException {
            in.longString();
            return new OpenOk();
        }

        @Override
        public MethodId id() {
            return MethodId.CHANNEL_OPEN_OK;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            out.writeInt(0);
        }
    }

    record Flow(boolean active) implements ChannelMethod {
        static Flow read(WireReader in) throws WireException {
            return new Flow(in.bit());
        }

        @Override
        public MethodId id() {
            return MethodId.CHANNEL_FLOW;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            out.writeBoolean(active);
        }
    }

    record FlowOk(boolean active) implements ChannelMethod {
        static FlowOk read(WireReader in) throws WireException {
            return new FlowOk(in.bit());
        }

        @Override
        public MethodId id() {
            return MethodId.CHANNEL_FLOW_OK;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            out.writeBoolean(active);
        }
    }

    /** Class and method id are those of the method that failed, 0 if none did. A text over 255 octets is cut. */
    record Close(int replyCode, String replyText, int failedClassId, int failedMethodId) implements ChannelMethod {
        static Close read(WireReader in) throws WireException {
            return new Close(in.shortUint(), in.shortString(), in.shortUint(), in.shortUint());
        }

        @Override
        public MethodId id() {
            return MethodId.CHANNEL_CLOSE;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            out.writeShort(replyCode);
            WireWriter.shortText(out, replyText);
            out.writeShort(failedClassId);
            out.writeShort(failedMethodId);
        }
    }

    record CloseOk() implements ChannelMethod {

        @Override
        public MethodId id() {
            return MethodId.CHANNEL_CLOSE_OK;
        }

        @Override
        public void writeArguments(ByteBuf out) {}
    }
}
