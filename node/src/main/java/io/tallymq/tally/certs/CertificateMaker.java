package io.tallymq.tally.certs;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Makes an authority and certificates of it as PEM files in a directory: {@code ca.pem}, {@code ca-key.pem}, and of each node
 * {@code NODE.pem} and {@code NODE-key.pem}, for servers and clients alike. Keys can be read by their owner only.
 *
 * <p>The JDK's keytool does the work: it comes with each Java that runs a node, and is kept up with it.
 */
public final class CertificateMaker {
    private static final String AUTHORITY = "ca";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
    private static final Pattern ADDRESS = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*");
    private static final Pattern HOST = Pattern.compile("(\\*\\.)?[A-Za-z0-9_]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?");
    private static final String PASSWORD = "TALLYMQ_KEYTOOL_PASSWORD";
    private static final long PATIENCE_SECONDS = 60;

    private final Path directory;
    private final SecureRandom random = new SecureRandom();
    private final String password = randomHex(16);

    /**
     * From when to when certificates are good.
     *
     * @param startedDaysAgo before now: the clocks of those who look at it may differ
     * @param days from then on
     */
    public record Validity(int startedDaysAgo, int days) {
        /** So many days from now, and the day before. */
        public static Validity days(int days) {
            return new Validity(1, days + 1);
        }
    }

    /** @param directory for all files; made if missing */
    public CertificateMaker(Path directory) {
        this.directory = directory;
    }

    private String randomHex(int bytes) {
        byte[] some = new byte[bytes];
        random.nextBytes(some);
        return HexFormat.of().formatHex(some);
    }

    public Path certificate(String name) {
        return directory.resolve(name + ".pem");
    }

    public Path key(String name) {
        return directory.resolve(name + "-key.pem");
    }

    /** The certificate that all nodes and clients get as {@code tls.authorities}. */
    public Path authority() {
        return certificate(AUTHORITY);
    }

    /**
     * Makes the authority, unless there is one.
     *
     * @return whether it was made
     * @throws IOException when only one of its two files is there, or it can't be made
     */
    public boolean makeAuthority(Validity validity) throws IOException {
        boolean certificate = Files.exists(authority());
        if (certificate != Files.exists(key(AUTHORITY))) {
            Path missing = certificate ? key(AUTHORITY) : authority();
            throw new IOException(missing + " is missing beside the other file of the authority: put it back, or take"
                    + " the other away and make all certificates anew");
        }
        if (certificate) {
            return false;
        }
        try (Work work = new Work()) {
            work.keytool(
                    AUTHORITY,
                    validity,
                    "CN=TallyMQ authority " + randomHex(4),
                    List.of("-ext", "bc:critical=ca:true,pathlen:0", "-ext", "ku:critical=keyCertSign,cRLSign"));
            write(work.read(), AUTHORITY);
            return true;
        } catch (GeneralSecurityException e) {
            throw new IOException("The authority could not be made: " + e.getMessage(), e);
        }
    }

    /**
     * Makes a certificate of the authority that is there.
     *
     * @param name of the node; the certificate's common name
     * @param hosts host names and addresses that others dial it at
     * @param force whether files that are there may be written anew
     * @throws IOException when a file is there already or it can't be made; the text says what to do
     */
    public void make(String name, List<String> hosts, Validity validity, boolean force) throws IOException {
        check(name, hosts);
        for (Path file : List.of(certificate(name), key(name))) {
            if (!force && Files.exists(file)) {
                throw new IOException(file + " is there already: take it away, or write it anew with --force");
            }
        }
        try (Work work = new Work()) {
            X509Certificate[] chain = PemText.certificates(authority()).toArray(X509Certificate[]::new);
            work.write(PemText.key(key(AUTHORITY)), chain);
            List<String> names = new ArrayList<>();
            hosts.forEach(host -> names.add((isAddress(host) ? "ip:" : "dns:") + host));
            work.keytool(
                    name,
                    validity,
                    "CN=" + name,
                    List.of(
                            "-signer",
                            AUTHORITY,
                            "-ext",
                            "san=" + String.join(",", names),
                            "-ext",
                            "ku:critical=digitalSignature",
                            "-ext",
                            "eku=serverAuth,clientAuth"));
            write(work.read(), name);
        } catch (GeneralSecurityException e) {
            throw new IOException("The certificate of " + name + " could not be made: " + e.getMessage(), e);
        }
    }

    private static boolean isAddress(String host) {
        return ADDRESS.matcher(host).matches();
    }

    private static void check(String name, List<String> hosts) throws IOException {
        if (!NAME.matcher(name).matches() || name.equals(AUTHORITY)) {
            throw new IOException(
                    "'" + name + "' is no name for a certificate: 1 to 63 letters, digits, '.', '_', '-'; " + AUTHORITY
                            + " is the authority's");
        }
        if (hosts.isEmpty()) {
            throw new IOException("Nobody could dial " + name + ": name its host as it stands in cluster.peers");
        }
        for (String host : hosts) {
            if (!isAddress(host) && !HOST.matcher(host).matches()) {
                throw new IOException("'" + host + "' is neither a host name nor an IP address");
            }
        }
    }

    /** First the key: a node that looks in between goes on with what it has. */
    private void write(KeyStore store, String alias) throws IOException, GeneralSecurityException {
        Files.createDirectories(directory);
        Key key = store.getKey(alias, password.toCharArray());
        StringBuilder chain = new StringBuilder();
        Certificate[] all = store.getCertificateChain(alias);
        for (int i = 0; i < all.length; i++) {
            X509Certificate each = (X509Certificate) all[i];
            boolean root = each.getSubjectX500Principal().equals(each.getIssuerX500Principal());
            if (i == 0 || !root) { // who has no root of his own can't be convinced by one that comes along
                chain.append(PemText.of(each));
            }
        }
        put(key(alias), PemText.of((PrivateKey) key), "rw-------");
        put(certificate(alias), chain.toString(), "rw-r--r--");
    }

    /** Never half a file under its name. */
    private static void put(Path file, String text, String permissions) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(next);
        FileAttribute<?> mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
        Files.createFile(next, mode);
        Files.writeString(next, text, StandardCharsets.US_ASCII, StandardOpenOption.WRITE);
        Files.setPosixFilePermissions(next, PosixFilePermissions.fromString(permissions)); // whatever the umask
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** A key store that keytool works on, in a directory that only this user can read; gone when it is closed. */
    private final class Work implements AutoCloseable {
        private final Path place = Files.createTempDirectory("tally-certs");
        private final Path file = place.resolve("work.p12");

        Work() throws IOException {}

        void write(PrivateKey authority, X509Certificate[] chain) throws IOException, GeneralSecurityException {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry(AUTHORITY, authority, password.toCharArray(), chain);
            try (OutputStream out = Files.newOutputStream(file)) {
                store.store(out, password.toCharArray());
            }
        }

        KeyStore read() throws IOException, GeneralSecurityException {
            KeyStore store = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(file)) {
                store.load(in, password.toCharArray());
            }
            return store;
        }

        void keytool(String alias, Validity validity, String subject, List<String> more) throws IOException {
            Path tool = Path.of(System.getProperty("java.home"), "bin", "keytool");
            if (!Files.isExecutable(tool)) {
                throw new IOException("There is no " + tool + ": run this with a Java that has keytool");
            }
            List<String> command = new ArrayList<>(List.of(
                    tool.toString(),
                    "-genkeypair",
                    "-alias",
                    alias,
                    "-keyalg",
                    "EC",
                    "-groupname",
                    "secp256r1",
                    "-dname",
                    subject,
                    "-startdate",
                    "-" + validity.startedDaysAgo() + "d",
                    "-validity",
                    String.valueOf(validity.days()),
                    "-storetype",
                    "PKCS12",
                    "-keystore",
                    file.toString(),
                    "-storepass:env",
                    PASSWORD));
            command.addAll(more);
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().put(PASSWORD, password);
            Process process = builder.start();
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            try {
                if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                    process.destroyForcibly();
                    throw new IOException("keytool failed: " + said.strip());
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }

        @Override
        public void close() throws IOException {
            Files.deleteIfExists(file);
            Files.deleteIfExists(place);
        }
    }
}
