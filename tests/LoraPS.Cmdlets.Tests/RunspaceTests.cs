namespace LoraPS.Cmdlets.Tests;

/// <summary>The module in several runspaces of one process, which work at the same time.</summary>
public sealed class RunspaceTests : IDisposable
{
    private const int Runspaces = 4;
    private readonly TemporaryFolder _folder = new();

    public RunspaceTests()
    {
        _folder.Copy(TestFiles.Lora("A"), "a.safetensors");
        _folder.Copy(TestFiles.Lora("C"), "c.safetensors");
    }

    [Fact]
    public void Merges_in_several_runspaces_give_what_they_give_one_after_the_other()
    {
        string Script(int i) => $"Merge-Lora a.safetensors, c.safetensors -Method Svd -Rank {i} -DestinationPath {i}.safetensors -Force";
        foreach (var i in Enumerable.Range(1, Runspaces))
            Run(Script(i)).AssertNoErrors();
        var alone = Enumerable.Range(1, Runspaces).Select(i => File.ReadAllBytes(_folder.File($"{i}.safetensors"))).ToList();
        Assert.All(AtOnce(i => Script(i + 1)), result => result.AssertNoErrors());
        Assert.All(Enumerable.Range(1, Runspaces), i => Assert.Equal(alone[i - 1], File.ReadAllBytes(_folder.File($"{i}.safetensors"))));
    }

    [Fact]
    public void Of_merges_to_one_file_each_is_right_or_refused()
    {
        var results = AtOnce(_ => "Merge-Lora a.safetensors, c.safetensors -Method Svd -Rank 2 -DestinationPath one.safetensors -Force");
        var refused = results.SelectMany(result => result.Errors.Append(result.Terminating!)).Where(error => error is not null).ToList();
        Assert.All(refused, error => Assert.StartsWith("DestinationInUse", error.FullyQualifiedErrorId, StringComparison.Ordinal));
        Assert.InRange(refused.Count, 0, Runspaces - 1);
        Run("Get-Lora one.safetensors").AssertNoErrors();
        Assert.Equal(["a.safetensors", "c.safetensors", "one.safetensors"], Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order());
    }

    public void Dispose() => _folder.Dispose();

    private SessionResult Run(string script)
    {
        using var session = new ModuleSession();
        return session.Run(script, _folder);
    }

    private List<SessionResult> AtOnce(Func<int, string> script)
    {
        var results = new SessionResult[Runspaces];
        var threads = Enumerable.Range(0, Runspaces).Select(i => new Thread(() => results[i] = Run(script(i)))).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return [.. results];
    }
}
