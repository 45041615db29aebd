package io.tallymq.admin.request;

/**
 * What of an answer a client wants: HEAD wants no content, and who has what an answer would say needs none.
 *
 * @param content false for HEAD
 * @param has tags of what it has, as If-None-Match lists them (RFC 9110, 13.1.2); null for nothing
 */
public record Wanted(boolean content, String has) {
    public static final Wanted ALL = new Wanted(true, null);

    /** Whether the content of an answer with this tag is wanted: it need not be made if not. */
    public boolean contentOf(String tag) {
        return content && !hasAlready(tag);
    }

    /** Whether the client has what this tag, an ETag, stands for. */
    public boolean hasAlready(String tag) {
        if (has == null) {
            return false;
        }
        if (has.trim().equals("*")) {
            return true;
        }
        for (String one : has.split(",")) {
            if (strong(one.trim()).equals(strong(tag))) {
                return true;
            }
        }
        return false;
    }

    private static String strong(String tag) {
        return tag.startsWith("W/") ? tag.substring(2) : tag;
    }
}
