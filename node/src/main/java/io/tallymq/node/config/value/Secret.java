package io.tallymq.node.config.value;

/** A text that must not reach a log, a page or an exception: {@link #toString()} hides it. */
public final class Secret {
    public static final String MASK = "********";
    private final String text;

    public Secret(String text) {
        this.text = text;
    }

    /** The secret itself; for the code that proves or checks it, for nothing else. */
    public String reveal() {
        return text;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret && secret.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return MASK;
    }
}
