using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NuGet.Packaging;
using NuGet.Packaging.Signing;

namespace LoraPS.Installer;

/// <summary>What a package's own signature says of it.</summary>
internal enum SignatureCheck
{
    /// <summary>It has none, or none of nuget.org.</summary>
    Unknown,

    /// <summary>nuget.org signed exactly these contents.</summary>
    Trusted,

    /// <summary>It was made for other contents.</summary>
    Broken,
}

/// <summary>Checks the signature that nuget.org puts into every package.</summary>
/// <remarks>
/// The certificates are known by their fingerprints, so no store of trusted roots is needed; their dates do not matter,
/// because packages keep the signature they were published with.
/// </remarks>
internal static class PackageSignature
{
    // SHA-256 of nuget.org's repository certificates, as its repository-signatures resource and nuget.config samples list them.
    private static readonly HashSet<string> Certificates = new(StringComparer.OrdinalIgnoreCase)
    {
        "0E5F38F57DC1BCC806D8494F4F90FBCEDD988B46760709CBEEC6F4219AA6157D",
        "5A2901D6ADA3D18260B9C6DFE2133C95D74B9EEF6AE0E5DC334C8454D1477DF4",
        "1F4B311D9ACC115C8DC8018B5A49E00FCE6DA8E2855F9F014CA6F34570BC482D",
    };

    /// <summary>Checks a package.</summary>
    /// <param name="path">The .nupkg.</param>
    /// <param name="stop">Stops the check.</param>
    public static async Task<SignatureCheck> CheckAsync(string path, CancellationToken stop)
    {
        try
        {
            using var package = new PackageArchiveReader(path);
            if (await package.GetPrimarySignatureAsync(stop).ConfigureAwait(false) is not { } signature)
                return SignatureCheck.Unknown;
            signature.SignedCms.CheckSignature(verifySignatureOnly: true);
            await package.ValidateIntegrityAsync(signature.SignatureContent, stop).ConfigureAwait(false);
            return Signers(signature).Any(IsKnown) ? SignatureCheck.Trusted : SignatureCheck.Unknown;
        }
        catch (Exception e) when (e is SignatureException or CryptographicException or InvalidDataException)
        {
            return SignatureCheck.Broken;
        }
    }

    private static IEnumerable<X509Certificate2?> Signers(PrimarySignature signature) =>
        [signature.SignerInfo.Certificate, RepositoryCountersignature.GetRepositoryCountersignature(signature)?.SignerInfo.Certificate];

    private static bool IsKnown(X509Certificate2? certificate) =>
        certificate is not null && Certificates.Contains(certificate.GetCertHashString(HashAlgorithmName.SHA256));
}
