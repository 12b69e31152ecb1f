namespace LoraPS.Reliability.Crash;

/// <summary>A kind of work that is killed: how it is prepared, done, and looked at afterwards.</summary>
/// <param name="folder">Where all its files are.</param>
internal abstract class CrashJob(string folder)
{
    /// <summary>Where all its files are.</summary>
    protected string Folder { get; } = folder;

    /// <summary>Where it writes.</summary>
    public string Output { get; } = Path.Combine(folder, "out");

    /// <summary>Makes the inputs, once.</summary>
    public virtual void Prepare()
    {
    }

    /// <summary>The work that is killed; it goes on for as long as it takes to be killed, or ends by itself.</summary>
    public abstract void Work();

    /// <summary>The work once, to its end: what the next run after a kill does.</summary>
    public abstract void Finish();

    /// <summary>As <see cref="Finish"/>, with another result where there can be one.</summary>
    public virtual void Replace() => Finish();

    /// <summary>Whether a file has contents that the work may leave, by its name and hash.</summary>
    /// <param name="name">Path in the output folder.</param>
    /// <param name="hash">SHA-256 of its contents.</param>
    public virtual bool IsWhole(string name, string hash) => Known.Contains((name, hash));

    /// <summary>All files that whole runs leave, those on the way among them.</summary>
    public HashSet<(string Name, string Hash)> Known { get; } = [];

    /// <summary>The files of a finished run.</summary>
    public IReadOnlyDictionary<string, string> Finished { get; set; } = new Dictionary<string, string>();

    /// <summary>Runs the work unbroken and remembers what it leaves.</summary>
    public virtual void Learn()
    {
        Finish();
        Finished = OutputFiles.Hashes(Output);
        foreach (var (name, hash) in Finished)
            Known.Add((name, hash));
    }

    /// <summary>Brings the output folder to where a run begins.</summary>
    /// <param name="isNew">True for nothing there, false for an older result.</param>
    public virtual void Reset(bool isNew)
    {
        if (Directory.Exists(Output))
            Directory.Delete(Output, recursive: true);
        Directory.CreateDirectory(Output);
        if (!isNew)
            Finish();
    }
}
