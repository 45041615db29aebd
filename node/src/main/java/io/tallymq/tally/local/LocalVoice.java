package io.tallymq.tally.local;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.tally.context.Surroundings;
import io.tallymq.tally.output.Output;

/** What who looks after a cluster says, under the name it was called by. */
final class LocalVoice {
    private final Surroundings surroundings;
    private final boolean json;
    private final String name;

    /** @param json for scripts: an object a line, and nothing that only people need */
    LocalVoice(Surroundings surroundings, boolean json) {
        this.surroundings = surroundings;
        this.json = json;
        String called = surroundings.variable("TALLY_AS");
        name = called == null ? "tally local" : called;
    }

    boolean isJson() {
        return json;
    }

    /** How the line begins that says that the cluster serves. */
    String ready() {
        return json ? "{\"ready\":" : "ready: ";
    }

    synchronized void say(String text) {
        print(json ? Output.object().put("message", text).toString() : name + ": " + text);
    }

    /** The cluster serves: its line, or for scripts what is in it. */
    synchronized void ready(String text, ObjectNode facts) {
        print(json ? facts.toString() : ready() + text);
    }

    /** For people only. */
    synchronized void hint(String text) {
        if (!json) {
            print(text);
        }
    }

    private void print(String text) {
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
