package io.tallymq.amqp.wire;

import io.netty.buffer.ByteBuf;

/** Class 30: access tickets, which AMQP 0-9-1 deprecated and old clients still ask for. */
public sealed interface AccessMethod extends Method {
    record Request(String realm, boolean exclusive, boolean passive, boolean active, boolean write, boolean read)
            implements AccessMethod {
        static Request read(WireReader in) throws WireException {
            String realm = in.shortString();
            int bits = in.bits();
            return new Request(
                    realm, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, (bits & 16) != 0);
        }

        @Override
        public MethodId id() {
            return MethodId.ACCESS_REQUEST;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            WireWriter.shortString(out, realm);
            WireWriter.bits(out, exclusive, passive, active, write, read);
        }
    }

    record RequestOk(int ticket) implements AccessMethod {
        static RequestOk read(WireReader in) throws WireException {
            return new RequestOk(in.shortUint());
        }

        @Override
        public MethodId id() {
            return MethodId.ACCESS_REQUEST_OK;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            out.writeShort(ticket);
        }
    }
}
