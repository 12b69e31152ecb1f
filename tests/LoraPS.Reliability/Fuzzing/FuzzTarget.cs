using System.Text;
using LoraPS.Engine.Runtime;

namespace LoraPS.Reliability.Fuzzing;

/// <summary>Something of the engine that reads what others wrote, and inputs for it.</summary>
internal abstract class FuzzTarget
{
    /// <summary>Its name in tables and of its folder in the corpus.</summary>
    public abstract string Name { get; }

    /// <summary>How many inputs a full run gives it.</summary>
    public virtual int Inputs => 10_000;

    /// <summary>The most that an input may allocate, bytes, beside 512 for each of its own.</summary>
    public virtual long MostAllocated => 96L << 20;

    /// <summary>Inputs that are right.</summary>
    protected abstract IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>Words of the format.</summary>
    protected virtual IReadOnlyList<byte[]> Tokens => [];

    /// <summary>Makes an input; the same random numbers give the same one.</summary>
    public byte[] Make(Random random)
    {
        var seed = Seeds[random.Next(Seeds.Count)];
        return Shape(random, new Mutator(random, Tokens).Change(seed, Seeds[random.Next(Seeds.Count)]));
    }

    /// <summary>Gives the engine an input.</summary>
    /// <param name="input">The input.</param>
    /// <param name="folder">A folder for what has to be a file.</param>
    /// <exception cref="EngineException">It is refused, which is right.</exception>
    public abstract void Try(byte[] input, string folder);

    /// <summary>Puts changed bytes into what they are a part of, so that changes are not all caught by the outermost check.</summary>
    protected virtual byte[] Shape(Random random, byte[] changed) => changed;

    /// <summary>Texts as bytes.</summary>
    protected static IReadOnlyList<byte[]> Utf8(params string[] texts) => Array.ConvertAll(texts, Encoding.UTF8.GetBytes);

    /// <summary>Writes an input as a file.</summary>
    protected static string Write(string folder, string name, byte[] contents)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllBytes(path, contents);
        return path;
    }
}
