using System.Data;
using System.Globalization;
using System.Text.Json;
using Npgsql;
using Orleans.Messaging;
using Orleans.Runtime;

namespace ExampleMlFarm.Scheduler.Hosting.Postgres;

/// <summary>
/// Which servers there are, in the farm's database. Every change raises the cluster's version and is made only if nobody else raised it meanwhile, so that servers
/// agree on who is dead.
/// </summary>
internal sealed class PostgresMembership(NpgsqlDataSource source, string cluster) : IMembershipTable, IGatewayListProvider
{
    /// <inheritdoc/>
    public TimeSpan MaxStaleness => TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public bool IsUpdatable => true;

    /// <inheritdoc/>
    public async Task InitializeMembershipTable(bool tryInitTableVersion)
    {
        if (tryInitTableVersion) await Execute("insert into member_version values ($1, 0) on conflict do nothing", cluster);
    }

    /// <inheritdoc/>
    public Task<MembershipTableData> ReadRow(SiloAddress key) => Read(key.ToParsableString());

    /// <inheritdoc/>
    public Task<MembershipTableData> ReadAll() => Read(null);

    /// <inheritdoc/>
    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) =>
        Change(tableVersion, "insert into member (cluster, silo, status, alive, entry, etag) values ($1, $2, $3, $4, $5, 0) on conflict do nothing", Columns(entry));

    /// <inheritdoc/>
    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) =>
        Change(tableVersion, "update member set status = $3, alive = $4, entry = $5, etag = etag + 1 where cluster = $1 and silo = $2 and etag = $6",
            [.. Columns(entry), int.Parse(etag, CultureInfo.InvariantCulture)]);

    /// <inheritdoc/>
    public Task UpdateIAmAlive(MembershipEntry entry) =>
        Execute("update member set alive = $3 where cluster = $1 and silo = $2", cluster, entry.SiloAddress.ToParsableString(), DateTime.SpecifyKind(entry.IAmAliveTime, DateTimeKind.Utc));

    /// <inheritdoc/>
    public Task DeleteMembershipTableEntries(string clusterId) => Execute("delete from member where cluster = $1", clusterId);

    /// <inheritdoc/>
    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) =>
        Execute("delete from member where cluster = $1 and status <> $2 and alive < $3", cluster, (int)SiloStatus.Active, beforeDate.UtcDateTime);

    /// <inheritdoc/>
    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task<IList<Uri>> GetGateways()
    {
        var all = await Read(null);
        return [.. all.Members.Select(m => m.Item1).Where(m => m.Status == SiloStatus.Active && m.ProxyPort > 0)
            .Select(m => SiloAddress.New(m.SiloAddress.Endpoint.Address, m.ProxyPort, m.SiloAddress.Generation).ToGatewayUri())];
    }

    private async Task<MembershipTableData> Read(string? silo)
    {
        await using var connection = await source.OpenConnectionAsync();
        // Version and rows must belong together.
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead);
        int version;
        await using (var asking = Command(connection, "select version from member_version where cluster = $1", cluster))
            version = await asking.ExecuteScalarAsync() is int known ? known : 0;
        var members = new List<Tuple<MembershipEntry, string>>();
        await using (var asking = silo is null ? Command(connection, "select entry, etag, alive from member where cluster = $1", cluster)
            : Command(connection, "select entry, etag, alive from member where cluster = $1 and silo = $2", cluster, silo))
        await using (var reader = await asking.ExecuteReaderAsync())
            while (await reader.ReadAsync())
                members.Add(Tuple.Create(Member.Read(reader.GetString(0), reader.GetDateTime(2)), reader.GetInt32(1).ToString(CultureInfo.InvariantCulture)));
        return new(members, new TableVersion(version, version.ToString(CultureInfo.InvariantCulture)));
    }

    private async Task<bool> Change(TableVersion version, string sql, object[] columns)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var raising = Command(connection, "update member_version set version = $2 where cluster = $1 and version = $3",
            cluster, version.Version, int.Parse(version.VersionEtag, CultureInfo.InvariantCulture)))
            if (await raising.ExecuteNonQueryAsync() != 1) return false;
        await using (var changing = Command(connection, sql, columns))
            if (await changing.ExecuteNonQueryAsync() != 1) return false;
        await transaction.CommitAsync();
        return true;
    }

    private async Task Execute(string sql, params object[] values)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var command = Command(connection, sql, values);
        await command.ExecuteNonQueryAsync();
    }

    private object[] Columns(MembershipEntry entry) =>
        [cluster, entry.SiloAddress.ToParsableString(), (int)entry.Status, DateTime.SpecifyKind(entry.IAmAliveTime, DateTimeKind.Utc), Member.Write(entry)];

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params ReadOnlySpan<object> values)
    {
#pragma warning disable CA2100 // Every text comes from this file.
        var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        foreach (object value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    private sealed record Suspicion(string Silo, DateTime At);

    /// <summary>A membership entry as JSON; when it was last alive stands in a column of its own, since that changes every few seconds.</summary>
    private sealed record Member(string Silo, int Status, string? Host, string? Name, string? Role, int ProxyPort, int UpdateZone, int FaultZone, DateTime Start, Suspicion[] Suspicions)
    {
        public static string Write(MembershipEntry e) => JsonSerializer.Serialize(new Member(e.SiloAddress.ToParsableString(), (int)e.Status, e.HostName, e.SiloName, e.RoleName, e.ProxyPort,
            e.UpdateZone, e.FaultZone, e.StartTime, [.. (e.SuspectTimes ?? []).Select(s => new Suspicion(s.Item1.ToParsableString(), s.Item2))]));

        public static MembershipEntry Read(string json, DateTime alive)
        {
            var m = JsonSerializer.Deserialize<Member>(json)!;
            return new()
            {
                SiloAddress = SiloAddress.FromParsableString(m.Silo), Status = (SiloStatus)m.Status, HostName = m.Host ?? "", SiloName = m.Name ?? "", RoleName = m.Role, ProxyPort = m.ProxyPort,
                UpdateZone = m.UpdateZone, FaultZone = m.FaultZone, StartTime = m.Start, IAmAliveTime = alive,
                SuspectTimes = [.. m.Suspicions.Select(s => Tuple.Create(SiloAddress.FromParsableString(s.Silo), s.At))],
            };
        }
    }
}
