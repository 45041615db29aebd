package io.tallymq.amqp.wire;

import io.netty.buffer.ByteBuf;

/** Class 90: transactions. */
public sealed interface TxMethod extends Method {
    record Select() implements TxMethod {

        @Override
        public MethodId id() {
            return MethodId.TX_SELECT;
        }

        @Override
        public void writeArguments(ByteBuf out) {}
    }

    record SelectOk() implements TxMethod {

        @Override
        public MethodId id() {
            return MethodId.TX_SELECT_OK;
        }

        @Override
        public void writeArguments(ByteBuf out) {}
    }

    record Commit() implements TxMethod {

        @Override
        public MethodId id() {
            return MethodId.TX_COMMIT;
        }

        @Override
        public void writeArguments(ByteBuf out) {}
    }

    record CommitOk() implements TxMethod {

        @Override
        public MethodId id() {
            return MethodId.TX_COMMIT_OK;
        }

        @Override
        public void writeArguments(ByteBuf out) {}
    }

    record Rollback() implements TxMethod {

        @Override
        public MethodId id() {
            return MethodId.TX_ROLLBACK;
        }

        @Override
        public void writeArguments(ByteBuf out) {}
    }

    record RollbackOk() implements TxMethod {

        @Override
        public MethodId id() {
            return MethodId.TX_ROLLBACK_OK;
        }

        @Override
        public void writeArguments(ByteBuf out) {}
    }
}
