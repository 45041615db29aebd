package io.tallymq.admin.request;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.broker.effect.Reply;

/** A request that is answered with an error. Carries no stack trace: it is an answer, not a bug. */
public final class RefusedException extends RuntimeException {
    /** As long as the price of a failed login at most: by then some of those who wait are gone. */
    private static final String RETRY_SECONDS = "3";

    private final transient Answer answer;

    private RefusedException(Answer answer, String reason) {
        super(reason, null, false, false);
        this.answer = answer;
    }

    public static RefusedException badRequest(String reason) {
        return of(400, "bad_request", reason);
    }

    public static RefusedException notFound() {
        return of(404, "Object Not Found", "Not Found");
    }

    public static RefusedException notAuthorised(String reason) {
        return of(403, "not_authorised", reason);
    }

    /** AMQP's: the message itself is fenced, on every node and for good. */
    private static final int PRECONDITION = 406;

    /** What the broker refused: 404 for what is not there, 503 for what this node can't have done at the moment, else 400. */
    public static RefusedException of(Reply.Rejected why) {
        if (why.reason() == Reply.Reason.FENCED && why.code() != PRECONDITION) {
            return of(503, "unavailable", why.text());
        }
        return why.code() == 404 ? of(404, "Object Not Found", why.text()) : badRequest(why.text());
    }

    /**
     * The same of what the broker looks at somebody's rights for: 403 when it is AMQP's. Elsewhere that is what nobody may, as reserved names, and
     * no matter of rights.
     */
    public static RefusedException ofRights(Reply.Rejected why) {
        return why.reason() == Reply.Reason.ACCESS_REFUSED ? notAuthorised(why.text()) : of(why);
    }

    public static RefusedException of(int status, String error, String reason) {
        return new RefusedException(Answer.error(status, error, reason), reason);
    }

    /** @param body has the field reason */
    public static RefusedException of(int status, ObjectNode body) {
        return new RefusedException(
                Answer.json(status, body), body.path("reason").asText());
    }

    /** So many logins wait that nobody has looked at this one, or this node is behind: it may be right. */
    public static RefusedException tooManyLogins() {
        String reason =
                "too many logins of this address wait, or of all, or this node does not know yet whom the cluster knows:"
                        + " try again in some seconds";
        return new RefusedException(Answer.error(503, "overloaded", reason).with("Retry-After", RETRY_SECONDS), reason);
    }

    public Answer answer() {
        return answer;
    }
}
