using NuGet.Packaging.Core;

namespace LoraPS.Installer;

/// <summary>SHA-512 of the packages that the module was built with, in base64 as NuGet writes it. A feed cannot overrule them.</summary>
internal static class PinnedHashes
{
    private static readonly Dictionary<string, string> Hashes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["libtorch-cpu-linux-x64/2.10.0"] = "XjuaFwqqvwstyeUWyz/xtfhODesmagoPKO7T0VRmiW+r0pJwsXB/vHydA7it9xge36PSXW1qLyRRzvM3J8i9UA==",
        ["libtorch-cpu-win-x64/2.10.0"] = "qvrEe8b8U1SPnsqShWgJ9gE/UfzFiq+QRPJdAegxwtEBgL/jZPQPvKAhqYkpEe5kb6AXCi840KDqvDaHQuAqEA==",
        ["libtorch-cpu-osx-arm64/2.10.0"] = "njbW4NbjnO3UYsZymJA5EA8kvFQZveW2rVS07QinYOxxgs6hyZFTI82zBDt0ix1yRRCZ+v+fm+pHXG37WKjyhA==",
    };

    /// <summary>The hash of a package; null where none is known.</summary>
    public static string? Of(PackageIdentity package) => Hashes.GetValueOrDefault($"{package.Id}/{package.Version.ToNormalizedString()}");
}
