package io.tallymq.admin;

/** A request that is answered with an error. Carries no stack trace: it is an answer, not a bug. */
final class RefusedException extends RuntimeException {
    private final transient Answer answer;

    private RefusedException(Answer answer, String reason) {
        super(reason, null, false, false);
        this.answer = answer;
    }

    static RefusedException badRequest(String reason) {
        return of(400, "bad_request", reason);
    }

    static RefusedException notFound() {
        return of(404, "Object Not Found", "Not Found");
    }

    static RefusedException notAuthorised(String reason) {
        return of(403, "not_authorised", reason);
    }

    static RefusedException of(int status, String error, String reason) {
        return new RefusedException(Answer.error(status, error, reason), reason);
    }

    Answer answer() {
        return answer;
    }
}
