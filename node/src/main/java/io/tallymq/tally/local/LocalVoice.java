package io.tallymq.tally.local;

import io.tallymq.tally.context.Surroundings;

/** What who looks after a cluster says, under the name it was called by. */
final class LocalVoice {
    private final Surroundings surroundings;
    private final String name;

    LocalVoice(Surroundings surroundings) {
        this.surroundings = surroundings;
        String called = surroundings.variable("TALLY_AS");
        name = called == null ? "tally local" : called;
    }

    synchronized void say(String text) {
        plain(name + ": " + text);
    }

    synchronized void plain(String text) {
        surroundings.out().println(text);
        surroundings.out().flush();
    }

    synchronized void warn(String text) {
        surroundings.err().println(name + ": " + text);
        surroundings.err().flush();
    }

    synchronized void quote(String text) {
        surroundings.err().println("    " + text);
    }

    /** How to start it again. */
    String startCommand() {
        return name.equals("local-cluster") ? "deploy/local-cluster" : "tally local start";
    }
}
