using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using ExampleMlFarm.Core;

namespace ExampleMlFarm.Farm.Serving.Access;

/// <summary>
/// An API key as its owner has it: <c>mlf_&lt;id&gt;_&lt;secret&gt;</c>. The id finds the stored key; the secret, 256 random bits, is shown once, and only its SHA-256 is
/// stored. A slow hash would add nothing: nobody guesses 256 bits.
/// </summary>
/// <param name="Id">12 hexadecimal digits.</param>
/// <param name="Secret">64 hexadecimal digits.</param>
internal sealed record ApiKey(string Id, string Secret)
{
    /// <summary>What every key begins with: scanners for leaked secrets find it.</summary>
    public const string Prefix = "mlf_";

    /// <summary>Longest name of a key's owner.</summary>
    public const int MostNameCharacters = 100;

    private const int IdBytes = 6, SecretBytes = 32;

    /// <summary>A new key.</summary>
    public static ApiKey Mint() => new(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes)), Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes)));

    /// <summary>Reads a key; false when the text is none.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ApiKey? key)
    {
        key = null;
        if (text is null || text.Length != Prefix.Length + 2 * IdBytes + 1 + 2 * SecretBytes || !text.StartsWith(Prefix, StringComparison.Ordinal)) return false;
        string id = text[Prefix.Length..(Prefix.Length + 2 * IdBytes)], secret = text[(Prefix.Length + 2 * IdBytes + 1)..];
        if (text[Prefix.Length + 2 * IdBytes] != '_' || !id.All(char.IsAsciiHexDigitLower) || !secret.All(char.IsAsciiHexDigitLower)) return false;
        key = new(id, secret);
        return true;
    }

    /// <summary>True when this can be the id of a key.</summary>
    public static bool IsId(string text) => text.Length == 2 * IdBytes && text.All(char.IsAsciiHexDigitLower);

    /// <summary>SHA-256 of the secret, as it is stored.</summary>
    public byte[] SecretHash() => SHA256.HashData(Encoding.ASCII.GetBytes(Secret));

    /// <summary>True when this is the stored key; takes the same time whatever differs.</summary>
    public bool Is(StoredKey stored) => CryptographicOperations.FixedTimeEquals(SecretHash(), stored.SecretHash);

    /// <summary>The key as it is stored.</summary>
    /// <exception cref="FarmException">The name is empty, too long or no text (<c>key.name</c>).</exception>
    public StoredKey ToStored(string name, FarmRole role, DateTimeOffset now, string createdBy)
    {
        if (name.Length is 0 or > MostNameCharacters || name.Any(char.IsControl)) throw FarmException.Invalid("key.name", $"a key needs a name of 1 to {MostNameCharacters} characters: whose it is");
        return new(Id, name, role, SecretHash(), now, createdBy);
    }

    /// <summary>The key in full: for its owner only.</summary>
    public string Reveal() => $"{Prefix}{Id}_{Secret}";

    /// <summary>The key without its secret, so that it may stand in a log.</summary>
    public override string ToString() => $"{Prefix}{Id}_…";
}
