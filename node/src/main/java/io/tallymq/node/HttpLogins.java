package io.tallymq.node;

import io.tallymq.admin.http.AdminAuthenticator;
import io.tallymq.admin.request.Caller;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.login.LoginAnswer;
import io.tallymq.login.LoginTally;
import io.tallymq.login.LoginUser;
import io.tallymq.login.Logins;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The logins of who comes by HTTP, which are counted. */
record HttpLogins(Logins logins, LoginTally tally) implements AdminAuthenticator {
    private static final String PROTOCOL = "http";

    @Override
    public CompletableFuture<Optional<LoginUser>> authenticate(String user, String password, Caller caller) {
        InetAddress address = caller.address(); // no more of it than that while it waits
        CompletableFuture<LoginAnswer> asked =
                logins.login(user, password.getBytes(StandardCharsets.UTF_8), address, caller.isHere());
        CompletableFuture<Optional<LoginUser>> found = asked.thenApply(HttpLogins::found);
        var counted = asked.thenAccept(answer -> count(user, address, answer)); // also of who has gone away
        return found;
    }

    private static Optional<LoginUser> found(LoginAnswer answer) {
        if (answer.kind() == LoginAnswer.Kind.BUSY) {
            throw RefusedException.tooManyLogins();
        }
        return answer.found();
    }

    private void count(String user, InetAddress address, LoginAnswer answer) {
        if (answer.kind() != LoginAnswer.Kind.BUSY) { // nobody knows
            tally.count(PROTOCOL, address, user, answer.found().isPresent());
        }
    }
}
