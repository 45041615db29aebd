package io.tallymq.amqp.wire;

import io.netty.buffer.ByteBuf;

/** Class 10: connections (section 1.4 of the method reference), with RabbitMQ's blocked, unblocked and update-secret. */
public sealed interface ConnectionMethod extends Method {
    record Start(
            int versionMajor, int versionMinor, FieldTable serverProperties, LongString mechanisms, LongString locales)
            implements ConnectionMethod {
        static Start read(WireReader in) throws WireException {
            return new Start(in.octet(), in.octet(), in.table(), in.longString(), in.longString());
        }

        @Override
        public MethodId id() {
            return MethodId.CONNECTION_START;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            out.writeByte(versionMajor);
            out.writeByte(versionMinor);
            serverProperties.encode(out);
            WireWriter.longString(out, mechanisms);
            WireWriter.longString(out, locales);
        }
    }

    /** The response is what the mechanism wants: for PLAIN it holds the password. */
    record StartOk(FieldTable clientProperties, String mechanism, LongString response, String locale)
            implements ConnectionMethod {
        static StartOk read(WireReader in) throws WireException {
            return new StartOk(in.table(), in.shortString(), in.longString(), in.shortString());
        }

        @Override
        public MethodId id() {
            return MethodId.CONNECTION_START_OK;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            clientProperties.encode(out);
            WireWriter.shortString(out, mechanism);
            WireWriter.longString(out, response);
            WireWriter.shortString(out, locale);
        }

        /** Without the secret: methods end up in logs. */
        @Override
        public String toString() {
            return "StartOk[clientProperties=" + clientProperties + ", mechanism=" + mechanism + ", locale=" + locale
                    + "]";
        }
    }

    record Secure(LongString challenge) implements ConnectionMethod {
        static Secure read(WireReader in) throws WireException {
            return new Secure(in.longString());
        }

        @Override
        public MethodId id() {
            return MethodId.CONNECTION_SECURE;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            WireWriter.longString(out, challenge);
        }
    }

    record SecureOk(LongString response) implements ConnectionMethod {
        static SecureOk read(WireReader in) throws WireException {
            return new SecureOk(in.longString());
        }

        @Override
        public MethodId id() {
            return MethodId.CONNECTION_SECURE_OK;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            WireWriter.longString(out, response);
        }

        /** Without the secret: methods end up in logs. */
        @Override
        public String toString() {
            return "SecureOk[]";
        }
    }

    /** Frame-max in octets, heartbeat in seconds; 0 is no limit and no heartbeat. */
    record Tune(int channelMax, long frameMax, int heartbeat) implements ConnectionMethod {
        static Tune read(WireReader in) throws WireException {
            return new Tune(in.shortUint(), in.longUint(), in.shortUint());
        }

        @Override
        public MethodId id() {
            return MethodId.CONNECTION_TUNE;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            out.writeShort(channelMax);
            out.writeInt((int) frameMax);
            out.writeShort(heartbeat);
        }
    }

    /** Units as in {@link Tune}. */
    record TuneOk(int channelMax, long frameMax, int heartbeat) implements ConnectionMethod {
        static TuneOk read(WireReader in) throws WireException {
            return new TuneOk(in.shortUint(), in.longUint(), in.shortUint());
        }

        @Override
        public MethodId id() {
            return MethodId.CONNECTION_TUNE_OK;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            out.writeShort(channelMax);
            out.writeInt((int) frameMax);
            out.writeShort(heartbeat);
        }
    }

    record Open(String virtualHost) implements ConnectionMethod {
        static Open read(WireReader in) throws WireException {
            String virtualHost = in.shortString();
            in.skipShortString();
            in.bits();
            return new Open(virtualHost);
        }

        @Override
        public MethodId id() {
            return MethodId.CONNECTION_OPEN;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            WireWriter.shortString(out, virtualHost);
            out.writeByte(0);
            out.writeByte(0);
        }
    }

    record OpenOk() implements ConnectionMethod {
        static OpenOk read(WireReader in) throws WireException {
            in.skipShortString();
            return new OpenOk();
        }

        @Override
        public MethodId id() {
            return MethodId.CONNECTION_OPEN_OK;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            out.writeByte(0);
        }
    }

    /** Class and method id are those of the method that failed, 0 if none did. A text over 255 octets is cut. */
    record Close(int replyCode, String replyText, int failedClassId, int failedMethodId) implements ConnectionMethod {
        static Close read(WireReader in) throws WireException {
            return new Close(in.shortUint(), in.shortString(), in.shortUint(), in.shortUint());
        }

        @Override
        public MethodId id() {
            return MethodId.CONNECTION_CLOSE;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            out.writeShort(replyCode);
            WireWriter.shortText(out, replyText);
            out.writeShort(failedClassId);
            out.writeShort(failedMethodId);
        }
    }

    record CloseOk() implements ConnectionMethod {

        @Override
        public MethodId id() {
            return MethodId.CONNECTION_CLOSE_OK;
        }

        @Override
        public void writeArguments(ByteBuf out) {}
    }

    /** RabbitMQ extension. A reason over 255 octets is cut. */
    record Blocked(String reason) implements ConnectionMethod {
        static Blocked read(WireReader in) throws WireException {
            return new Blocked(in.shortString());
        }

        @Override
        public MethodId id() {
            return MethodId.CONNECTION_BLOCKED;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            WireWriter.shortText(out, reason);
        }
    }

    /** RabbitMQ extension. */
    record Unblocked() implements ConnectionMethod {

        @Override
        public MethodId id() {
            return MethodId.CONNECTION_UNBLOCKED;
        }

        @Override
        public void writeArguments(ByteBuf out) {}
    }

    /** RabbitMQ extension: a fresh OAuth token. */
    record UpdateSecret(LongString newSecret, String reason) implements ConnectionMethod {
        static UpdateSecret read(WireReader in) throws WireException {
            return new UpdateSecret(in.longString(), in.shortString());
        }

        @Override
        public MethodId id() {
            return MethodId.CONNECTION_UPDATE_SECRET;
        }

        @Override
        public void writeArguments(ByteBuf out) {
            WireWriter.longString(out, newSecret);
            WireWriter.shortString(out, reason);
        }

        /** Without the secret: methods end up in logs. */
        @Override
        public String toString() {
            return "UpdateSecret[reason=" + reason + "]";
        }
    }

    /** RabbitMQ extension. */
    record UpdateSecretOk() implements ConnectionMethod {

        @Override
        public MethodId id() {
            return MethodId.CONNECTION_UPDATE_SECRET_OK;
        }

        @Override
        public void writeArguments(ByteBuf out) {}
    }
}
