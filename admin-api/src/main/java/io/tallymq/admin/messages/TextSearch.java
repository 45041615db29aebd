package io.tallymq.admin.messages;

/** Finds a text in bodies: each byte of a body is looked at once, whatever text and body are. Immutable. */
final class TextSearch {
    private final byte[] text;
    /** By how many bytes of the text match: with how many to go on if the next one does not. */
    private final int[] shorter;

    TextSearch(byte[] text) {
        this.text = text.clone();
        this.shorter = new int[text.length + 1];
        for (int i = 1, n = 0; i < text.length; i++) {
            n = next(n, text[i]);
            shorter[i + 1] = n;
        }
    }

    /** How many bytes match behind this one, when so many did before it. */
    private int next(int matching, byte b) {
        int n = matching;
        while (n > 0 && text[n] != b) {
            n = shorter[n];
        }
        return text[n] == b ? n + 1 : 0;
    }

    boolean isIn(byte[] body) {
        if (text.length == 0) {
            return true;
        }
        int n = 0;
        for (byte b : body) {
            n = next(n, b);
            if (n == text.length) {
                return true;
            }
        }
        return false;
    }
}
