package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteWriter;

/**
 * Everything that can change the broker. A new one is a class with its codec, a row of {@link CommandKind} and a line where it is carried
 * out.
 */
public sealed interface Command
        permits NodeUp,
                OpenConnection,
                CloseConnection,
                CloseChannel,
                ForceClose,
                OnChannel,
                DeclareExchange,
                DeleteExchange,
                BindExchange,
                DeclareQueue,
                DeleteQueue,
                PurgeQueue,
                PauseQueue,
                BindQueue,
                StoreOffset,
                Subscribe,
                Cancel,
                Credit,
                Get,
                Settle,
                SettleWith,
                Recover,
                Qos,
                TakeBack,
                TakeMatching,
                ConsumeReplies,
                Publish,
                BodyPart,
                ByUser,
                CallOff,
                ScheduleMessage,
                Redrive,
                VoidId,
                VoidPublish,
                FenceProducer,
                CommitTx,
                DropUpload,
                Probe,
                SetPolicy,
                ClearPolicy,
                Administer,
                NoteAction,
                NoteImport,
                Decision {
    CommandKind kind();

    /** About how much it makes every replica do, in units of a command that touches one message. */
    default int units() {
        return 1;
    }

    /**
     * Appends the fields, without the kind.
     *
     * @param batch the node that the batch is from: where it is named, nothing is written
     */
    void write(ByteWriter w, String batch);
}
