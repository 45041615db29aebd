package io.tallymq.broker.access;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.spec.PasswordHash;
import io.tallymq.broker.spec.Permission;
import io.tallymq.broker.spec.TopicPermission;
import io.tallymq.broker.spec.UserSpec;
import io.tallymq.broker.spec.VhostSpec;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.view.AccessView;
import io.tallymq.broker.view.DigestWalk;
import io.tallymq.broker.view.User;
import io.tallymq.broker.view.Vhost;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.LongSupplier;

/**
 * Users, virtual hosts, who may do what, and what else administrators keep with the cluster. Changed by the applying thread, a whole user or
 * virtual host at a time; read by any.
 */
public final class AccessState implements AccessView {
    /** The one that every cluster begins with. */
    public static final String FIRST_VHOST = "/";

    /** Users, about 0.5 kB each and 0.3 kB per virtual host that they have permissions in. */
    public static final int MOST_USERS = 10_000;
    /** Virtual hosts, about 0.3 kB each besides their seven exchanges. */
    public static final int MOST_VHOSTS = 1_000;
    /** Users' permissions, each in one virtual host. */
    public static final int MOST_PERMISSIONS = 100_000;
    /** Exchanges of one virtual host with topic permissions of one user. */
    public static final int MOST_TOPIC_PERMISSIONS = 100;
    /** All of these, about 0.3 kB each; two expressions and a name of 255 characters are 0.8 kB. */
    public static final int MOST_TOPIC_PERMISSIONS_OF_ALL = 100_000;
    /** The level of the state from which on that is a limit. */
    public static final int TOPIC_PERMISSIONS_LEVEL = 5;
    /** Things kept for the whole cluster. */
    public static final int MOST_GLOBAL_PARAMETERS = 500;

    /** The level of the state from which on it is kept which entry made users and virtual hosts. */
    public static final int MADE_LEVEL = 5;

    private final MessageStore store;
    private final LongSupplier entry;
    private final ConcurrentSkipListMap<String, User> users = new ConcurrentSkipListMap<>();
    private final ConcurrentSkipListMap<String, Vhost> vhosts = new ConcurrentSkipListMap<>();
    private final ConcurrentSkipListMap<String, String> globalParameters = new ConcurrentSkipListMap<>();
    /** Users with permissions in a virtual host, by its name. Derived. */
    private final TreeMap<String, TreeSet<String>> members = new TreeMap<>();

    private int permissions;
    private int topicPermissions;
    /** Of those that are going, in the order of their names. */
    private final TreeMap<String, Removal> removals = new TreeMap<>();

    private final AuditLog audit;
    private volatile boolean initialised;
    private volatile long version;

    /** @param entry index of the one in hand, or 0 for what is not to be kept */
    public AccessState(MessageStore store, LongSupplier entry) {
        this.store = store;
        this.entry = entry;
        this.audit = new AuditLog(store);
    }

    /** {@link #decode} came before. */
    public void restore() {
        store.scan(Keys.of(Keys.VHOST), (k, v) -> {
            Vhost vhost = AccessRecords.vhost(v, removals);
            vhosts.put(vhost.name(), vhost);
        });
        if (!initialised) {
            vhosts.putIfAbsent(FIRST_VHOST, new Vhost(FIRST_VHOST, VhostSpec.PLAIN, 0));
        }
        store.scan(Keys.of(Keys.USER), (k, v) -> {
            User u = AccessRecords.user(v);
            users.put(u.name(), u);
        });
        restorePermissions();
        store.scan(Keys.of(Keys.GLOBAL_PARAMETER), (k, v) -> {
            ByteReader r = new ByteReader(v);
            globalParameters.put(r.string(), r.string());
            TaggedFields.endRecord(r);
        });
        audit.restore();
    }

    /** A whole user at a time: each change of one makes another. */
    private void restorePermissions() {
        Map<String, Map<String, Permission>> plain = new TreeMap<>();
        Map<String, Map<String, Map<String, TopicPermission>>> topics = new TreeMap<>();
        store.scan(Keys.of(Keys.PERMISSION), (k, v) -> {
            AccessRecords.InVhost in = AccessRecords.permission(v);
            if (in.permission() != null) {
                plain.computeIfAbsent(in.user(), u -> new TreeMap<>()).put(in.vhost(), in.permission());
            }
            if (!in.topics().isEmpty()) {
                topics.computeIfAbsent(in.user(), u -> new TreeMap<>())
                        .put(in.vhost(), Collections.unmodifiableMap(in.topics()));
                topicPermissions += in.topics().size();
            }
            enter(in.user(), in.vhost());
        });
        users.replaceAll((name, u) -> new User(
                name,
                u.spec(),
                u.limits(),
                plain.getOrDefault(name, Map.of()),
                topics.getOrDefault(name, Map.of()),
                u.made()));
    }

    private void enter(String user, String vhost) {
        if (members.computeIfAbsent(vhost, v -> new TreeSet<>()).add(user)) {
            permissions++;
        }
    }

    private void leave(String user, String vhost) {
        TreeSet<String> of = members.get(vhost);
        if (of != null && of.remove(user)) {
            permissions--;
            if (of.isEmpty()) {
                members.remove(vhost);
            }
        }
    }

    /** Null while there is nothing to tell. */
    public byte[] encode() {
        return initialised ? new ByteWriter(1).bool(true).toBytes() : null;
    }

    /** Takes up what {@link #encode} wrote. */
    public void decode(ByteReader r) {
        initialised = r.bool();
    }

    // ---- for everybody

    @Override
    public long version() {
        return version;
    }

    @Override
    public boolean isInitialised() {
        return initialised;
    }

    @Override
    public User user(String name) {
        return users.get(name);
    }

    @Override
    public Collection<User> users() {
        return Collections.unmodifiableCollection(users.values());
    }

    @Override
    public Vhost vhost(String name) {
        return vhosts.get(name);
    }

    @Override
    public Collection<Vhost> vhosts() {
        return Collections.unmodifiableCollection(vhosts.values());
    }

    @Override
    public Map<String, String> globalParameters() {
        return Collections.unmodifiableMap(globalParameters);
    }

    @Override
    public List<AuditEntry> audit() {
        return audit.all();
    }

    // ---- changes: the applying thread

    /** Somebody changed something. */
    public void note(long time, String by, String from, String what, String subject) {
        audit.add(time, by, from, what, subject);
        changed();
    }

    /** Somebody did something that changes nothing about users. */
    public void noteOnly(long time, String by, String from, String what, String subject) {
        audit.add(time, by, from, what, subject);
    }

    /**
     * Somebody did something that changes nothing about users, and may do it again and again: in place of what was noted of him, of that kind
     * and about that before.
     *
     * @param subject how all begins that it is about
     * @param rest the rest of it
     */
    public void noteAgain(long time, String by, String from, String what, String subject, String rest) {
        audit.addAgain(time, by, from, what, subject, rest);
    }

    /** Somebody changed queues, exchanges or bindings by HTTP: of these, which programs change all day, only so many are kept beside the rest. */
    public void noteTopology(long time, String by, String from, String what, String subject) {
        audit.addOfTopology(time, by, from, what, subject);
    }

    /** Something is not as it was, and nobody need be told. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread changes it
    public void changed() {
        version++;
    }

    /** The cluster has had its first user: what its virtual hosts are is in the store from now on. */
    public void initialise() {
        initialised = true;
        vhosts.values().forEach(this::keep);
    }

    private void keep(Vhost v) {
        vhosts.put(v.name(), v);
        store.put(AccessRecords.vhostKey(v.name()), AccessRecords.vhost(v, removals.get(v.name())));
    }

    private void keep(User u) {
        users.put(u.name(), u);
        store.put(AccessRecords.userKey(u.name()), AccessRecords.user(u));
    }

    /** Returns whether it is new, or that there may not be one more. */
    public Reply setVhost(String name, VhostSpec spec) {
        Vhost before = vhosts.get(name);
        if (before == null && vhosts.size() >= MOST_VHOSTS) {
            return Reply.limit("vhosts", MOST_VHOSTS);
        }
        keep(
                before == null
                        ? new Vhost(name, spec, entry.getAsLong())
                        : new Vhost(name, spec, before.limits(), false, before.made()));
        return new Reply.Changed(before == null);
    }

    /** It goes for everybody: what is in it, and what users may do there, is taken out by later entries. */
    public void vhostGoes(String name) {
        Vhost v = vhosts.get(name);
        removals.put(name, Removal.BEGIN);
        keep(new Vhost(name, v.spec(), v.limits(), true, v.made()));
    }

    /** One user of a virtual host that goes may do nothing there any more. Returns whether there was one. */
    public boolean takeMember(String vhost) {
        TreeSet<String> of = members.get(vhost);
        if (of == null) {
            return false;
        }
        setIn(users.get(of.first()), vhost, null, Map.of());
        return true;
    }

    @Override
    public int permissions() {
        return permissions;
    }

    /** Whether the user may have permissions in one more virtual host, or has some in this one. */
    public boolean hasRoomFor(String user, String vhost) {
        TreeSet<String> of = members.get(vhost);
        return permissions < MOST_PERMISSIONS || of != null && of.contains(user);
    }

    /** Whether there may be one more topic permission, of whomever. */
    public boolean hasRoomForTopic() {
        return topicPermissions < MOST_TOPIC_PERMISSIONS_OF_ALL;
    }

    /** Whether a virtual host is going. */
    public boolean isAnyGoing() {
        return !removals.isEmpty();
    }

    /** The first of those that are going; there is one. */
    public Map.Entry<String, Removal> going() {
        return removals.firstEntry();
    }

    /**
     * So far what was in it is taken out.
     *
     * @param removal null when all of it is
     */
    public void going(String name, Removal removal) {
        if (removal != null) {
            removals.put(name, removal);
            keep(vhosts.get(name));
            return;
        }
        removals.remove(name);
        vhosts.remove(name);
        store.delete(AccessRecords.vhostKey(name));
        changed();
    }

    /** However many there are. */
    public void setFirstUser(String name, UserSpec spec) {
        User before = users.get(name);
        keep(before == null ? new User(name, spec, entry.getAsLong()) : before.with(spec));
    }

    /** Returns whether he is new, or that there may not be one more. */
    public Reply setUser(String name, UserSpec spec) {
        User before = users.get(name);
        if (before == null && users.size() >= MOST_USERS) {
            return Reply.limit("users", MOST_USERS);
        }
        keep(before == null ? new User(name, spec, entry.getAsLong()) : before.with(spec));
        return new Reply.Changed(before == null);
    }

    /** He is there. */
    public void deleteUser(String name) {
        User u = users.remove(name);
        store.delete(AccessRecords.userKey(name));
        u.topicPermissions().values().forEach(topics -> topicPermissions -= topics.size());
        vhostsOf(u).forEach(vhost -> {
            store.delete(AccessRecords.permissionKey(name, vhost));
            leave(name, vhost);
        });
    }

    private static Set<String> vhostsOf(User u) {
        Set<String> in = new TreeSet<>(u.permissions().keySet());
        in.addAll(u.topicPermissions().keySet());
        return in;
    }

    /** The user is there. */
    public void rehash(String name, PasswordHash to) {
        User u = users.get(name);
        keep(u.with(new UserSpec(to, u.spec().tags())));
    }

    /** The user is there. @param permission null for none */
    public void setPermission(String user, String vhost, Permission permission) {
        User u = users.get(user);
        setIn(u, vhost, permission, u.topicPermissions().getOrDefault(vhost, Map.of()));
    }

    /** The user is there. @param topics by exchange */
    public void setTopicPermissions(String user, String vhost, Map<String, TopicPermission> topics) {
        User u = users.get(user);
        setIn(u, vhost, u.permissions().get(vhost), topics);
    }

    private void setIn(User u, String vhost, Permission permission, Map<String, TopicPermission> topics) {
        User now = with(u, vhost, permission, topics);
        users.put(u.name(), now);
        topicPermissions += topics.size()
                - u.topicPermissions().getOrDefault(vhost, Map.of()).size();
        byte[] record = AccessRecords.permission(now, vhost);
        byte[] key = AccessRecords.permissionKey(u.name(), vhost);
        if (record == null) {
            store.delete(key);
            leave(u.name(), vhost);
        } else {
            store.put(key, record);
            enter(u.name(), vhost);
        }
    }

    private static User with(User u, String vhost, Permission permission, Map<String, TopicPermission> topics) {
        Map<String, Permission> permissions = new TreeMap<>(u.permissions());
        Map<String, Map<String, TopicPermission>> all = new TreeMap<>(u.topicPermissions());
        if (permission == null) {
            permissions.remove(vhost);
        } else {
            permissions.put(vhost, permission);
        }
        if (topics.isEmpty()) {
            all.remove(vhost);
        } else {
            all.put(vhost, Collections.unmodifiableMap(new TreeMap<>(topics)));
        }
        return new User(u.name(), u.spec(), u.limits(), permissions, all, u.made());
    }

    /** The user is there. */
    public void setUserLimits(String name, Map<String, Long> limits) {
        User u = users.get(name);
        keep(new User(name, u.spec(), limits, u.permissions(), u.topicPermissions(), u.made()));
    }

    /** The virtual host is there. */
    public void setVhostLimits(String name, Map<String, Long> limits) {
        Vhost v = vhosts.get(name);
        keep(new Vhost(name, v.spec(), limits, v.isGoing(), v.made()));
    }

    /** Returns whether it is new, or that there may not be one more. */
    public Reply setGlobalParameter(String name, String value) {
        boolean isNew = !globalParameters.containsKey(name);
        if (isNew && globalParameters.size() >= MOST_GLOBAL_PARAMETERS) {
            return Reply.limit("global parameters", MOST_GLOBAL_PARAMETERS);
        }
        globalParameters.put(name, value);
        store.put(
                Keys.named(Keys.GLOBAL_PARAMETER, name),
                new ByteWriter(64).string(name).string(value).toBytes());
        return new Reply.Changed(isNew);
    }

    /** Returns whether it was there. */
    public boolean clearGlobalParameter(String name) {
        boolean was = globalParameters.remove(name) != null;
        if (was) {
            store.delete(Keys.named(Keys.GLOBAL_PARAMETER, name));
        }
        return was;
    }

    /** As {@link DigestWalk.Part}; nothing, before anybody changed anything. A user with his permissions is a whole. */
    public Object digest(StateDigest d, Object from, DigestWalk.Units units) {
        if (from == null) {
            if (!initialised && audit.all().isEmpty()) {
                return null;
            }
            d.add(initialised);
            vhosts.values().forEach(v -> d.add(AccessRecords.vhost(v, removals.get(v.name()))));
            globalParameters.forEach((name, value) -> d.add(name).add(value));
            audit.digest(d);
        }
        NavigableMap<String, User> all = users;
        for (User u : all.tailMap(from == null ? "" : (String) from, false).values()) {
            d.add(AccessRecords.user(u));
            Set<String> in = vhostsOf(u);
            in.forEach(vhost -> d.add(AccessRecords.permission(u, vhost)));
            units.spend(1 + in.size() / 4);
            if (units.areSpent()) {
                return u.name();
            }
        }
        return null;
    }
}
