using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Tests.Runtime;

public class NativeLibraryTests
{
    [Fact]
    public void The_shipped_Linux_library_asks_weakly_for_the_version_old_distributions_lack()
    {
        var library = Path.Combine(TorchRuntime.EnsureLoaded(), "libLibTorchSharp.so");
        if (!OperatingSystem.IsLinux())
            return;
        Assert.Equal(0x2, NeedFlags(File.ReadAllBytes(library), "GLIBCXX_3.4.32") & 0x2);
        Assert.Equal(0, NeedFlags(File.ReadAllBytes(library), "GLIBCXX_3.4.30") & 0x2);
    }

    /// <summary>vna_flags of the Elf64_Vernaux entry for a version, found by the ELF hash of its name.</summary>
    private static ushort NeedFlags(byte[] elf, string version)
    {
        var hash = 0u;
        foreach (var c in version)
        {
            hash = (hash << 4) + c;
            var high = hash & 0xf0000000;
            hash = (hash ^ (high >> 24)) & ~high;
        }

        var at = elf.AsSpan().IndexOf(BitConverter.GetBytes(hash));
        Assert.True(at >= 0, $"No need for {version} in the library.");
        return BitConverter.ToUInt16(elf, at + 4);
    }
}
