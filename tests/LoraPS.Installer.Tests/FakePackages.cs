using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using LoraPS.Engine.Runtime;

namespace LoraPS.Installer.Tests;

/// <summary>Small packages that are put together as libtorch's are.</summary>
internal static class FakePackages
{
    private static readonly string Native = $"runtimes/{LibTorch.Rid}/native";

    public static string CpuId { get; } = $"libtorch-cpu-{LibTorch.Rid}";

    public static string CudaId { get; } = $"libtorch-cuda-12.8-{LibTorch.Rid}";

    /// <summary>A library's contents, which its name and a size give.</summary>
    public static byte[] Contents(string library, int size = 1000) => [.. Enumerable.Range(0, size).Select(i => (byte)(library.Sum(c => c) + (i * 7) + (i >> 8)))];

    /// <summary>The place of a library in a package.</summary>
    public static string Place(string library) => $"{Native}/{LibTorch.FileName(library)}";

    /// <summary>The place of a fragment in a package.</summary>
    public static string FragmentPlace(string library, int number) => $"fragments/{LibTorch.Rid}/native/{LibTorch.FileName(library)}.fragment{number}";

    /// <summary>A package of the CPU's libtorch.</summary>
    public static byte[] Cpu(params (string Name, byte[] Bytes)[] more) => Package(CpuId, [],
        [(Place("c10"), Contents("c10")), (Place("torch_cpu"), Contents("torch_cpu", 300_000)), (Place("torch_python"), Contents("torch_python")), .. more]);

    /// <summary>The packages of CUDA's libtorch: a head, a part, and a library in three pieces.</summary>
    /// <param name="sha">What the library's .sha holds; null for the right thing.</param>
    /// <param name="fragments">Which fragments there are.</param>
    public static IEnumerable<(string Id, byte[] Bytes)> Cuda(string? sha = null, params int[] fragments)
    {
        var whole = Contents("torch_cuda", 5000);
        string[] parts = [$"{CudaId}-part1", $"{CudaId}-part2-primary", .. fragments.Select(n => $"{CudaId}-part2-fragment{n}")];
        yield return (CudaId, Package(CudaId, [.. parts, "unrelated"], []));
        yield return (parts[0], Package(parts[0], [], [(Place("c10"), Contents("c10")), (Place("c10_cuda"), Contents("c10_cuda")), (Place("torch_cpu"), Contents("torch_cpu"))]));
        yield return (parts[1], Package(parts[1], [], [(Place("torch_cuda"), whole[..2000]), (Place("torch_cuda") + ".sha", Encoding.UTF8.GetBytes(sha ?? Convert.ToHexStringLower(SHA256.HashData(whole))))]));
        foreach (var n in fragments)
            yield return ($"{CudaId}-part2-fragment{n}", Package($"{CudaId}-part2-fragment{n}", [], [(FragmentPlace("torch_cuda", n), n == 1 ? whole[2000..4000] : whole[4000..])]));
    }

    /// <summary>A .nupkg.</summary>
    public static byte[] Package(string id, string[] dependencies, (string Name, byte[] Bytes)[] files)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            Write(archive, $"{id}.nuspec", Encoding.UTF8.GetBytes($"""
                <?xml version="1.0" encoding="utf-8"?>
                <package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd"><metadata>
                  <id>{id}</id><version>{LibTorch.Version}</version><authors>test</authors><description>test</description>
                  <dependencies>{string.Concat(dependencies.Select(d => $"<dependency id=\"{d}\" version=\"{LibTorch.Version}\" />"))}</dependencies>
                </metadata></package>
                """));
            foreach (var (name, content) in files)
                Write(archive, name, content);
        }

        return bytes.ToArray();
    }

    /// <summary>Puts a package into a folder as NuGet lays a feed out, with its hash beside it.</summary>
    public static void Put(string feed, string id, byte[] package, string? hash = null)
    {
        var folder = Directory.CreateDirectory(Path.Combine(feed, id, LibTorch.Version)).FullName;
        var file = Path.Combine(folder, $"{id}.{LibTorch.Version}.nupkg");
        File.WriteAllBytes(file, package);
        File.WriteAllText(file + ".sha512", hash ?? Hash(package));
        using var archive = new ZipArchive(new MemoryStream(package));
        archive.GetEntry($"{id}.nuspec")!.ExtractToFile(Path.Combine(folder, $"{id}.nuspec"), overwrite: true);
        File.WriteAllText(Path.Combine(folder, ".nupkg.metadata"), $$"""{ "version": 2, "contentHash": "{{Hash(package)}}", "source": null }""");
    }

    public static string Hash(byte[] bytes) => Convert.ToBase64String(SHA512.HashData(bytes));

    private static void Write(ZipArchive archive, string name, byte[] content)
    {
        using var stream = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
        stream.Write(content);
    }
}
