using System.Diagnostics;
using System.Globalization;

namespace LoraPS.Cmdlets.Tests;

/// <summary>What a merge that is killed in the middle of its work leaves behind.</summary>
public sealed class KilledMergeTests : IDisposable
{
    private const string Output = "out.safetensors";

    // A process is killed this often; a night of it is LORAPS_KILLS=500.
    private static readonly int Kills = int.Parse(Environment.GetEnvironmentVariable("LORAPS_KILLS") ?? "2", CultureInfo.InvariantCulture);

    private readonly TemporaryFolder _folder = new();

    private string Script(int rounds, string arguments) =>
        $"Set-Location '{_folder.Path}'; foreach ($round in 1..{rounds}) {{ foreach ($ratio in 0.5, 2) {{ Merge-Lora {arguments} -Ratio $ratio -DestinationPath {Output} -Force > $null }} }}";

    [Theory]
    [InlineData("a.safetensors, c.safetensors -Method Svd -Rank 3")]
    [InlineData("a.safetensors -Model model.safetensors")]
    public void The_output_is_whole_or_not_there_and_equal_inputs_give_equal_bytes(string arguments)
    {
        _folder.Copy(TestFiles.Lora("A"), "a.safetensors");
        _folder.Copy(TestFiles.Lora("C"), "c.safetensors");
        _folder.Copy(TestFiles.Checkpoint, "model.safetensors");
        var whole = new[] { "0.5", "2" }.Select(ratio => Merge(arguments, ratio)).ToList();

        for (var kill = 0; kill < Kills; kill++)
        {
            // Every other time there is nothing that could be left.
            var isNew = kill % 2 == 0;
            File.Delete(_folder.File(Output));
            if (!isNew)
                File.WriteAllBytes(_folder.File(Output), whole[1]);
            KillWhileWriting(Script(1000, arguments), 1 + (kill / 2));

            Assert.True(isNew || File.Exists(_folder.File(Output)));
            if (File.Exists(_folder.File(Output)))
                Assert.Contains(whole, bytes => bytes.AsSpan().SequenceEqual(File.ReadAllBytes(_folder.File(Output))));
        }
    }

    public void Dispose() => _folder.Dispose();

    private byte[] Merge(string arguments, string ratio)
    {
        using var session = new ModuleSession();
        session.Run($"Merge-Lora {arguments} -Ratio {ratio} -DestinationPath {Output} -Force", _folder).AssertNoErrors();
        return File.ReadAllBytes(_folder.File(Output));
    }

    /// <summary>Starts a shell and kills it as soon as it writes a result, under the name that results have before they are whole.</summary>
    /// <param name="script">Merges again and again.</param>
    /// <param name="result">Which result; 1 is the first.</param>
    private void KillWhileWriting(string script, int result)
    {
        foreach (var left in Unfinished())
            File.Delete(left);
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "LoraPS.Shell.dll"), "-Command", script]))!;
        var seen = new HashSet<string>();
        while (!process.HasExited && seen.Count < result)
            seen.UnionWith(Unfinished());
        Assert.False(process.HasExited, "The merges ended before one was seen.");
        process.Kill();
        process.WaitForExit();
    }

    private IEnumerable<string> Unfinished() => Directory.EnumerateFiles(_folder.Path, ".*.tmp");
}
