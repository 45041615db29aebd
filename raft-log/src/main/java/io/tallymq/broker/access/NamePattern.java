package io.tallymq.broker.access;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/**
 * A regular expression that somebody else wrote, such as a policy's, found anywhere in a name. Java's own take exponential time for some, on every replica at once; RE2's
 * take time in proportion to the expression and to the name, and both are bounded. What it can't do, to look ahead and to refer back, it
 * refuses with a reason. See decision 023.
 */
public final class NamePattern {
    /** Longest expression. */
    static final int MAX_LENGTH = 255;
    /** Most steps per character of a name. */
    static final int MAX_WEIGHT = 500;
    /** What is compiled at most: as large an expression as one could be that is then found to be too large. */
    private static final int MAX_ESTIMATE = 5_000;
    /** A class of characters by a Unicode property keeps about 5 kB. */
    private static final int PROPERTY_WEIGHT = 100;

    private final Pattern pattern;
    private final int weight;

    private NamePattern(Pattern pattern, int weight) {
        this.pattern = pattern;
        this.weight = weight;
    }

    /** @throws IllegalArgumentException saying why it is not taken */
    public static NamePattern of(String text) {
        if (text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("it has " + text.length() + " characters, " + MAX_LENGTH + " at most");
        }
        if (estimate(text) > MAX_ESTIMATE) {
            throw tooLarge();
        }
        Pattern pattern;
        try {
            pattern = Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    e.getDescription() + ": `" + e.getPattern()
                            + "` (RE2 syntax: Perl's without looking ahead or behind and without references back)",
                    e);
        }
        int weight = pattern.programSize() + PROPERTY_WEIGHT * properties(text);
        if (weight > MAX_WEIGHT) {
            throw tooLarge();
        }
        return new NamePattern(pattern, weight);
    }

    private static IllegalArgumentException tooLarge() {
        return new IllegalArgumentException("repetitions or character classes make it too large (" + MAX_WEIGHT
                + " instructions at most): repeat less, or do not count");
    }

    /**
     * At least the number of instructions, however groups are nested: a count behind what may be a group repeats all that stands before it,
     * another one repeats one character or class.
     */
    private static long estimate(String text) {
        long size = 0;
        for (int i = 0; i < text.length() && size <= MAX_ESTIMATE; i++) {
            long times = text.charAt(i) == '{' ? times(text, i + 1) : 0;
            if (times == 0) {
                size++;
            } else if (i > 0 && ")*+?}E".indexOf(text.charAt(i - 1)) >= 0) { // \E may end a literal that is empty
                size *= times;
            } else {
                size += times;
            }
        }
        return size;
    }

    /** The largest number up to the brace that closes; 0 if this is no count. */
    private static long times(String text, int from) {
        long most = 0;
        long n = 0;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= '0' && c <= '9') {
                n = Math.min(MAX_ESTIMATE, n * 10 + c - '0');
                most = Math.max(most, n);
            } else if (c == ',') {
                n = 0;
            } else {
                return c == '}' ? most + 1 : 0;
            }
        }
        return 0;
    }

    private static int properties(String text) {
        int n = 0;
        for (int i = 0; i + 1 < text.length(); i++) {
            n += text.charAt(i) == '\\' && (text.charAt(i + 1) == 'p' || text.charAt(i + 1) == 'P') ? 1 : 0;
        }
        return n;
    }

    public boolean isIn(String name) {
        return pattern.matcher(name).find();
    }

    @Override
    public String toString() {
        return pattern.pattern();
    }

    /** How many groups are captured. */
    public int groups() {
        return pattern.groupCount();
    }

    /** What the first group is if all of the text is as the pattern says; null if it is not. */
    public String captured(String text) {
        Matcher m = pattern.matcher(text);
        return m.matches() ? m.group(1) : null;
    }

    /** Steps per character of a name, at most. */
    int weight() {
        return weight;
    }
}
