package io.tallymq.net;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.BiConsumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Whether the node at the other end of one connection is one. The JDK checks its certificate: dates, authority, purpose and, of a node
 * that was dialled, the host. Of a node that dialled there is no host to compare: its certificate has to be made out to one of the peers.
 */
final class NodeTrust extends X509ExtendedTrustManager {
    private static final String HTTPS = "HTTPS";

    private final X509ExtendedTrustManager jdk;
    private final NodesTls.Members members;
    private final BiConsumer<String, String> refused;

    /** @param refused takes the kind of refusal and its reason */
    NodeTrust(X509ExtendedTrustManager jdk, NodesTls.Members members, BiConsumer<String, String> refused) {
        this.jdk = jdk;
        this.members = members;
        this.refused = refused;
    }

    /** The JDK's own, for these authorities and no others. */
    static X509ExtendedTrustManager jdk(List<X509Certificate> authorities)
            throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        for (int i = 0; i < authorities.size(); i++) {
            trusted.setCertificateEntry("authority-" + i, authorities.get(i));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(trusted);
        for (TrustManager each : factory.getTrustManagers()) {
            if (each instanceof X509ExtendedTrustManager extended) {
                return extended;
            }
        }
        throw new GeneralSecurityException("this Java has no trust manager for PKIX");
    }

    private interface Check {
        void run() throws CertificateException;
    }

    private void check(X509Certificate[] chain, Check check) throws CertificateException {
        try {
            check.run();
        } catch (MistrustException e) {
            throw e;
        } catch (CertificateException | IllegalArgumentException e) {
            throw mistrust(chain, e);
        }
    }

    private MistrustException mistrust(X509Certificate[] chain, Exception e) {
        X509Certificate own = chain == null || chain.length == 0 ? null : chain[0];
        String whose = own == null ? "no certificate" : "certificate " + own.getSubjectX500Principal();
        if (find(e, CertificateExpiredException.class) != null) {
            return say("expired", "its " + whose + " or one that leads to its root has expired: " + root(e), e);
        }
        if (find(e, CertificateNotYetValidException.class) != null) {
            return say("early", "its " + whose + " is not valid yet, or a clock is wrong: " + root(e), e);
        }
        String text = root(e);
        boolean noPath = find(e, CertPathBuilderException.class) != null
                || text.contains("does not chain")
                || text.contains("signature check failed");
        if (own != null && noPath) {
            text = "its " + whose + " is of an unknown authority, " + own.getIssuerX500Principal()
                    + ": none of the authorities that this node knows has signed it";
            return say("authority", text, e);
        }
        if (own != null && (text.contains("subject alternative") || text.contains("No name matching"))) {
            text = "its " + whose + " has the wrong name: " + text + "; it is made out to " + CertificateNames.of(own);
            return say("name", text, e);
        }
        return say("certificate", "its " + whose + " is not taken: " + text, e);
    }

    private MistrustException say(String kind, String text, Exception cause) {
        refused.accept(kind, text);
        return new MistrustException(text, cause == null ? null : cause.getCause());
    }

    private static <T extends Throwable> T find(Throwable in, Class<T> type) {
        for (Throwable each = in; each != null; each = each.getCause()) {
            if (type.isInstance(each)) {
                return type.cast(each);
            }
        }
        return null;
    }

    private static String root(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    /** The node that dialled. */
    private void requireMember(X509Certificate[] chain) throws MistrustException {
        if (!members.isIn(chain[0])) {
            throw say(
                    "name",
                    "its certificate " + chain[0].getSubjectX500Principal() + " has the wrong name: it is made out to "
                            + CertificateNames.of(chain[0]) + " and to none of the nodes in cluster.peers",
                    null);
        }
    }

    private static void requireHostCheck(SSLParameters parameters) throws CertificateException {
        if (!HTTPS.equals(parameters.getEndpointIdentificationAlgorithm())) {
            throw new CertificateException("the host is not compared, which is a bug");
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        check(chain, () -> {
            jdk.checkClientTrusted(chain, type, engine);
            requireMember(chain);
        });
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        check(chain, () -> {
            requireHostCheck(engine.getSSLParameters());
            jdk.checkServerTrusted(chain, type, engine);
        });
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        check(chain, () -> {
            requireHostCheck(((SSLSocket) socket).getSSLParameters());
            jdk.checkServerTrusted(chain, type, socket);
        });
    }

    /** No node accepts by a socket of the JDK's. */
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        throw new CertificateException("not accepted here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        throw new CertificateException("not without a connection");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        throw new CertificateException("not without a connection");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return jdk.getAcceptedIssuers();
    }
}
