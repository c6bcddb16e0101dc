using ExampleMlFarm.Farm.Addresses;
using ExampleMlFarm.Farm.Output;

namespace ExampleMlFarm.Farm.Commands;

/// <summary>Reads an address from the command line.</summary>
internal static class AddressArgument
{
    /// <summary>Reads it.</summary>
    /// <exception cref="CliException">It is not one.</exception>
    public static Address Parse(string text) => AddressParser.TryParse(text, out var address, out var error)
        ? address
        : throw new CliException(ExitCode.Usage, error, "mlfarm help addresses");
}
