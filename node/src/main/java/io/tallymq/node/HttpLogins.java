package io.tallymq.node;

import io.tallymq.admin.http.AdminAuthenticator;
import io.tallymq.admin.request.Caller;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.login.LoginAnswer;
import io.tallymq.login.LoginTally;
import io.tallymq.login.LoginUser;
import io.tallymq.login.Logins;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The logins of who comes by HTTP, which are counted. */
record HttpLogins(Logins logins, LoginTally tally) implements AdminAuthenticator {
    private static final String PROTOCOL = "http";

    @Override
    public CompletableFuture<Optional<LoginUser>> authenticate(String user, String password, Caller caller) {
        return logins.login(user, password.getBytes(StandardCharsets.UTF_8), caller.address(), caller.isHere())
                .thenApply(answer -> found(user, caller, answer));
    }

    private Optional<LoginUser> found(String user, Caller caller, LoginAnswer answer) {
        if (answer.kind() == LoginAnswer.Kind.BUSY) { // nobody has looked at it
            throw RefusedException.tooManyLogins();
        }
        tally.count(PROTOCOL, caller.address(), user, answer.found().isPresent());
        return answer.found();
    }
}
