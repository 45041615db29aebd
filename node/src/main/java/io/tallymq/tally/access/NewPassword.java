package io.tallymq.tally.access;

import io.tallymq.tally.context.Failure;
import io.tallymq.tally.context.StrictText;
import io.tallymq.tally.context.Surroundings;
import java.io.IOException;
import picocli.CommandLine.Option;

/** A password that is given to somebody: never by the command's words, which everybody on the machine may read. */
final class NewPassword {
    private static final String VARIABLE = "TALLY_NEW_PASSWORD";

    @Option(
            names = "--password-stdin",
            description = "The new password is the standard input (a line end at its end does not count)."
                    + " Else TALLY_NEW_PASSWORD, else asked for.")
    private boolean stdin;

    String of(String user, Surroundings surroundings) {
        String password = stdin ? read(surroundings) : surroundings.variable(VARIABLE);
        if (password == null) {
            password = typed(user, surroundings);
        }
        if (password.isEmpty()) {
            throw Failure.usage("the new password is empty");
        }
        return password;
    }

    private static String read(Surroundings surroundings) {
        try {
            return StrictText.require(surroundings.in().readAllBytes(), "the standard input")
                    .replaceFirst("\r?\n$", "");
        } catch (IOException e) {
            throw Failure.usage("the standard input can not be read: " + e.getMessage());
        }
    }

    private static String typed(String user, Surroundings surroundings) {
        char[] once = surroundings.prompt().apply("New password of " + user + ": ");
        if (once == null) {
            throw Failure.usage("there is no new password: use --password-stdin, or set " + VARIABLE);
        }
        char[] again = surroundings.prompt().apply("Once more: ");
        if (again == null || !new String(once).equals(new String(again))) {
            throw Failure.usage("the two passwords differ");
        }
        return new String(once);
    }
}
