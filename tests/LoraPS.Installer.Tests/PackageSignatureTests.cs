using System.IO.Compression;

namespace LoraPS.Installer.Tests;

public sealed class PackageSignatureTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("LoraPS.Installer.").FullName;

    /// <summary>NuGet.Versioning as nuget.org published it: the smallest package that is there after every restore.</summary>
    private static string Signed => Directory.GetFiles(Path.Combine((string)AppContext.GetData("LoraPS.PackageRoot")!, "nuget.versioning"), "*.nupkg", SearchOption.AllDirectories).First();

    private string Copy => Path.Combine(_folder, "package.nupkg");

    [Fact]
    public async Task What_nuget_org_signed_is_trusted() =>
        Assert.Equal(SignatureCheck.Trusted, await PackageSignature.CheckAsync(Signed, CancellationToken.None));

    [Fact]
    public async Task One_changed_byte_breaks_the_signature()
    {
        var bytes = File.ReadAllBytes(Signed);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(Copy, bytes);
        Assert.Equal(SignatureCheck.Broken, await PackageSignature.CheckAsync(Copy, CancellationToken.None));
    }

    [Fact]
    public async Task An_added_file_breaks_the_signature()
    {
        File.Copy(Signed, Copy);
        using (var package = ZipFile.Open(Copy, ZipArchiveMode.Update))
            package.CreateEntry("added.txt");
        Assert.Equal(SignatureCheck.Broken, await PackageSignature.CheckAsync(Copy, CancellationToken.None));
    }

    [Fact]
    public async Task A_package_without_a_signature_is_not_vouched_for()
    {
        File.WriteAllBytes(Copy, FakePackages.Cpu());
        Assert.Equal(SignatureCheck.Unknown, await PackageSignature.CheckAsync(Copy, CancellationToken.None));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
