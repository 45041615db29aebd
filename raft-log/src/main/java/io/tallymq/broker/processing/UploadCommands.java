package io.tallymq.broker.processing;

import io.tallymq.broker.command.BodyPart;
import io.tallymq.broker.command.DropUpload;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.life.Connections;
import io.tallymq.broker.life.Uploads;

/** Bodies come in parts, and go when no message takes them. */
public final class UploadCommands {
    private final Uploads uploads;
    private final Connections connections;

    public UploadCommands(Uploads uploads, Connections connections) {
        this.uploads = uploads;
        this.connections = connections;
    }

    /** Keeps one more part. Who sends it does not wait for the answer: the message that lacks it is refused. */
    public Reply part(BodyPart p) {
        if (connections.get(p.connection()) == null) {
            return Fenced.REPLY;
        }
        Reply.Rejected refusal = uploads.refusal(p);
        if (refusal != null) {
            return refusal;
        }
        return new Reply.Uploaded(uploads.part(p).shared());
    }

    /** An upload that is not there is fine. */
    public Reply drop(DropUpload d) {
        Uploads.Upload u = uploads.take(d.connection().node(), d.upload());
        if (u != null) {
            uploads.drop(u);
        }
        return Reply.OK;
    }
}
