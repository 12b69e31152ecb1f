namespace LoraPS.Engine.Formats;

/// <summary>What a file's header says of one tensor.</summary>
/// <param name="Name">The key, any Unicode text.</param>
/// <param name="DType">Element type.</param>
/// <param name="Shape">Sizes of the dimensions; empty for a scalar. A size may be 0.</param>
/// <param name="Offset">First byte, counted from the start of the file.</param>
/// <param name="ByteCount">Length in bytes: product of the shape times the element size.</param>
public sealed record TensorInfo(string Name, SafetensorsDType DType, IReadOnlyList<long> Shape, long Offset, long ByteCount);
