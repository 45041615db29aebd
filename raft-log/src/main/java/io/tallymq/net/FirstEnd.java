package io.tallymq.net;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which of some certificates ends first: what stands on it is of no use from then on, however long the others are good.
 *
 * @param end when
 * @param subject whose it is
 * @param own whether it is the node's own, and neither one of those that lead to its root nor an authority
 */
record FirstEnd(Instant end, String subject, boolean own) {
    /**
     * Of what the files hold.
     *
     * @param chain the node's own first
     * @param authorities whose certificates others may show
     */
    static FirstEnd of(List<X509Certificate> chain, List<X509Certificate> authorities) {
        X509Certificate first = Stream.concat(chain.stream(), authorities.stream())
                .min(Comparator.comparing(X509Certificate::getNotAfter))
                .orElseThrow();
        return new FirstEnd(
                first.getNotAfter().toInstant(), first.getSubjectX500Principal().getName(), first.equals(chain.get(0)));
    }

    /** For the log. */
    String text() {
        return own ? end.toString() : end + ", when " + subject + " of its chain or authorities ends";
    }
}
