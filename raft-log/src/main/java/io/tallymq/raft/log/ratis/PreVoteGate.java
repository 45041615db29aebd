package io.tallymq.raft.log.ratis;

import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.TermIndexProto;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.Status;

/**
 * A call that asks whether this node would vote for the caller is ended here if it would not for a reason that Ratis does not know. A refused pre-vote raises no term and binds
 * nobody: who asked is a follower again, and asks again after another timeout. A vote itself is Ratis' alone.
 */
public final class PreVoteGate<Q> extends ServerCall.Listener<Q> {
    /** Who should not stand although Ratis would let it. */
    @FunctionalInterface
    public interface Rule {
        /**
         * In the turns of the calls, see {@link CallTurns}; never blocks.
         *
         * @param candidate the asking node's id
         * @param term of the last entry of its log, 0 of an empty one
         * @param index of that entry, -1 of an empty one
         * @return why this node does not want it; null to let Ratis decide
         */
        String refusal(String candidate, long term, long index);
    }

    private final ServerCall<Q, ?> call;
    private final ServerCall.Listener<Q> handler;
    private final Rule rule;
    private boolean refused;

    PreVoteGate(ServerCall<Q, ?> call, ServerCall.Listener<Q> handler, Rule rule) {
        this.call = call;
        this.handler = handler;
        this.rule = rule;
    }

    @Override
    public void onMessage(Q message) {
        String refusal = message instanceof RequestVoteRequestProto vote && vote.getPreVote() ? refusal(vote) : null;
        if (refusal == null) {
            handler.onMessage(message);
        } else {
            refused = true;
            call.close(Status.FAILED_PRECONDITION.withDescription(refusal), new Metadata());
        }
    }

    private String refusal(RequestVoteRequestProto vote) {
        TermIndexProto last = vote.getCandidateLastEntry();
        return rule.refusal(vote.getServerRequest().getRequestorId().toStringUtf8(), last.getTerm(), last.getIndex());
    }

    /** Without a message it would be one end too many. */
    @Override
    public void onHalfClose() {
        if (!refused) {
            handler.onHalfClose();
        }
    }

    @Override
    public void onCancel() {
        handler.onCancel();
    }

    @Override
    public void onComplete() {
        handler.onComplete();
    }

    @Override
    public void onReady() {
        handler.onReady();
    }
}
